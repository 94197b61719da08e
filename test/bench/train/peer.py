"""PyTorch as the peer of `npm run bench:train`: one training step of the same network, tuned as its own users would.

Reads one JSON object a line, answers with one:
  {"network": {...}}  builds all contenders: layouts x mkldnn; answers with their names
  {"step": NAME}      one step, answers with its milliseconds
  {"check": {...}}    loss and gradients of the network on given weights and signals, in float64
"""

import base64
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_flush_denormal(True)

RECURRENT = {"gru": nn.GRU, "lstm": nn.LSTM}


class Peer(nn.Module):
    """As Conv1d on [N, C, L], or as Conv2d(1 x k) on [N, C, 1, L] with channels last."""

    def __init__(self, spec, image):
        super().__init__()
        self.spec, self.image = spec, image
        self.parts = nn.ModuleList(self.part(layer) for layer in spec["layers"])
        if image:
            self.to(memory_format=torch.channels_last)

    def part(self, layer):
        kind, channels = layer["kind"], layer["channels"]
        size = lambda n: (1, n) if self.image else n
        if kind == "conv1d":
            convolution = nn.Conv2d if self.image else nn.Conv1d
            padding = (0, layer["kernel"] // 2) if self.image else layer["kernel"] // 2
            stride, kernel = size(layer["stride"]), size(layer["kernel"])
            return convolution(channels, layer["units"], kernel, stride, padding)
        if kind == "average-pool":
            return nn.AvgPool2d(size(layer["size"])) if self.image else nn.AvgPool1d(layer["size"])
        if kind == "max-pool":
            return nn.MaxPool2d(size(layer["size"])) if self.image else nn.MaxPool1d(layer["size"])
        if kind == "batch-norm":
            return (nn.BatchNorm2d if self.image else nn.BatchNorm1d)(channels, eps=layer["epsilon"])
        if kind in RECURRENT:
            return RECURRENT[kind](channels, layer["units"], batch_first=True)
        return nn.Linear(channels, layer["units"]) if kind == "dense" else nn.Identity()

    def forward(self, x):
        outputs = []
        for layer, part in zip(self.spec["layers"], self.parts):
            kind = layer["kind"]
            inputs = [outputs[i] if i >= 0 else x for i in layer["from"]]
            y = inputs[0]
            if kind in RECURRENT:
                # A pool of all positions is a mean; where one position is left it is that one.
                y = y.flatten(2).mean(2).view(self.spec["records"], self.spec["windows"], -1)
                y = part(y)[0][:, -1]
            elif kind == "add":
                y = y + inputs[1]
            elif kind != "global-average-pool":
                y = part(y)
            outputs.append(y.relu_() if layer["activation"] == "relu" else y)
        return outputs[-1]


class Contender:
    def __init__(self, spec, image, mkldnn):
        torch.manual_seed(1)
        self.mkldnn = mkldnn
        self.model = Peer(spec, image).train()
        count = spec["records"] * spec["windows"]
        shape = (count, 1, 1, spec["window"]) if image else (count, 1, spec["window"])
        self.x = torch.randn(shape)
        if image:
            self.x = self.x.to(memory_format=torch.channels_last)
        self.labels = torch.arange(spec["records"]) % spec["classes"]
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-4, eps=1e-7, foreach=True)
        self.loss = nn.CrossEntropyLoss()

    def step(self):
        with torch.backends.mkldnn.flags(enabled=self.mkldnn):
            start = time.perf_counter()
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(self.model(self.x), self.labels).backward()
            self.optimizer.step()
            return (time.perf_counter() - start) * 1000


def gru(x, kernel, recurrent, bias):
    """One bias a gate, reset before the product: not nn.GRU's cell. x: [records, windows, channels]; the last state."""
    units = recurrent.shape[1]
    uz, ur, un = recurrent.split(units)
    h = x.new_zeros(x.shape[0], units)
    for window in x.unbind(1):
        z, r, n = (window @ kernel.T + bias).split(units, 1)
        z, r = torch.sigmoid(z + h @ uz.T), torch.sigmoid(r + h @ ur.T)
        h = z * h + (1 - z) * torch.tanh(n + (r * h) @ un.T)
    return h


def lstm(x, kernel, recurrent, bias):
    units = recurrent.shape[1]
    h = c = x.new_zeros(x.shape[0], units)
    for window in x.unbind(1):
        i, f, g, o = (window @ kernel.T + h @ recurrent.T + bias).split(units, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h


def logits(spec, weights, x):
    """The network by the formulas of ARCHITECTURE.md. x: [records, windows, window]"""
    outputs = []
    for layer in spec["layers"]:
        kind = layer["kind"]
        inputs = [outputs[i] if i >= 0 else x.flatten(0, 1).unsqueeze(1) for i in layer["from"]]
        y = inputs[0]
        parameters = [weights[name] for name in layer["parameters"]]
        if kind == "conv1d":
            y = F.conv1d(F.pad(y, layer["padding"]), *parameters, stride=layer["stride"])
        elif kind == "average-pool":
            y = F.avg_pool1d(y, layer["size"])
        elif kind == "max-pool":
            y = F.max_pool1d(y, layer["size"])
        elif kind == "global-average-pool":
            y = y.mean(2, keepdim=True)
        elif kind == "batch-norm":
            y = F.batch_norm(y, None, None, *parameters[:2], training=True, eps=layer["epsilon"])
        elif kind == "add":
            y = y + inputs[1]
        elif kind in RECURRENT:
            y = (gru if kind == "gru" else lstm)(y.flatten(1).view(*x.shape[:2], -1), *parameters)
        else:
            y = F.linear(y, *parameters)
        outputs.append(y.relu() if layer["activation"] == "relu" else y)
    return outputs[-1]


def doubles(text, shape):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32).view(shape).double()


def check(spec, request):
    weights = {name: doubles(w["data"], w["shape"]).requires_grad_() for name, w in request["weights"].items()}
    signals = doubles(request["signals"], (spec["records"], -1))
    x = signals.unfold(1, spec["window"], spec["hop"])
    loss = F.cross_entropy(logits(spec, weights, x), torch.tensor(request["labels"]))
    loss.backward()
    encode = lambda t: base64.b64encode(t.numpy().tobytes()).decode()
    gradients = {name: encode(w.grad) for name, w in weights.items() if w.grad is not None}
    return {"loss": loss.item(), "gradients": gradients}


def main():
    contenders, spec = {}, None
    for line in sys.stdin:
        request = json.loads(line)
        if "network" in request:
            spec = request["network"]
            torch.set_num_threads(spec["threads"])
            contenders = {}
            for image in (False, True):
                for mkldnn in (True, False) if torch.backends.mkldnn.is_available() else (False,):
                    name = ("Conv2d channels-last" if image else "Conv1d") + (" mkldnn" if mkldnn else "")
                    contenders[name] = Contender(spec, image, mkldnn)
            answer = {
                "version": torch.__version__,
                "configuration": torch.__config__.show(),
                "names": list(contenders),
            }
        elif "check" in request:
            answer = check(spec, request["check"])
        else:
            answer = {"milliseconds": contenders[request["step"]].step()}
        print(json.dumps(answer), flush=True)


main()

"""PyTorch as the peer of `npm run bench:train`: one training step of the same network, tuned as its own users would.

Reads one JSON object a line, answers with one:
  {"network": {...}}  builds all contenders: layouts x mkldnn; answers with their names
  {"step": NAME}      one step, answers with its milliseconds
"""

import json
import sys
import time

import torch
from torch import nn

torch.set_flush_denormal(True)


class Columns(nn.Module):
    """Layers of one window. As Conv1d on [N, C, L], or as Conv2d(1 x k) on [N, C, 1, L] with channels last."""

    def __init__(self, layers, image):
        super().__init__()
        self.image = image
        parts, channels = [], 1
        for kind, size, kernel in layers:
            if kind == "conv1d":
                if image:
                    parts.append(nn.Conv2d(channels, size, (1, kernel), padding=(0, kernel // 2)))
                else:
                    parts.append(nn.Conv1d(channels, size, kernel, padding=kernel // 2))
                parts.append(nn.ReLU(inplace=True))
                channels = size
            elif kind == "average-pool":
                parts.append(nn.AvgPool2d((1, size)) if image else nn.AvgPool1d(size))
            elif kind == "max-pool":
                parts.append(nn.MaxPool2d((1, size)) if image else nn.MaxPool1d(size))
        self.body = nn.Sequential(*parts)
        if image:
            self.body = self.body.to(memory_format=torch.channels_last)

    def forward(self, x):
        # A pool of all positions is a mean; where one position is left it is that one.
        return self.body(x).flatten(2).mean(2)


class Peer(nn.Module):
    def __init__(self, spec, image):
        super().__init__()
        self.columns = Columns(spec["columns"], image)
        channels = [size for kind, size, _ in spec["columns"] if kind == "conv1d"][-1]
        kind, units = spec["recurrent"]
        self.recurrent = (nn.GRU if kind == "gru" else nn.LSTM)(channels, units, batch_first=True)
        self.head = nn.Linear(units, spec["classes"])
        self.records, self.windows = spec["records"], spec["windows"]

    def forward(self, x):
        y = self.columns(x).view(self.records, self.windows, -1)
        return self.head(self.recurrent(y)[0][:, -1])


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


def main():
    contenders = {}
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
        else:
            answer = {"milliseconds": contenders[request["step"]].step()}
        print(json.dumps(answer), flush=True)


main()

import type { ValidateFunction } from 'ajv';
import { compileSchema, YamlSource, type YamlPath } from '../common/yaml-source.ts';
import type { Activation } from '../layers/activation.ts';
import { ShapeError, type LayerDefinition, type TensorShape } from '../layers/definition.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import type { NetworkLayer } from './network.ts';
import { layerOfTeacher } from './training.ts';
import { commonLayerProperties, residualSchema } from './schema.ts';

const commonKeys = Object.keys(commonLayerProperties);
const deepestNesting = 8;
const checks = new Map<string, ValidateFunction>();
const residualCheck = compileSchema(residualSchema);
const commonCheck = compileSchema({ type: 'object', properties: commonLayerProperties });

/**
 * The layer list of a model file → nodes of the graph in order. `residual` blocks are taken apart into their layers and
 * an `add`. Everything wrong is reported on `source`; the layers up to there are returned.
 */
export function buildLayers(
  source: YamlSource,
  entries: readonly unknown[],
  input: TensorShape,
): NetworkLayer[] {
  const builder = new GraphBuilder(source, input);
  builder.chain(entries, ['layers'], -1, 0);
  return builder.layers;
}

class GraphBuilder {
  readonly layers: NetworkLayer[] = [];
  readonly #source: YamlSource;
  readonly #input: TensorShape;
  readonly #names = new Map<string, number>();
  readonly #kindCounts = new Map<string, number>();

  constructor(source: YamlSource, input: TensorShape) {
    this.#source = source;
    this.#input = input;
  }

  /** Append layers one after the other, the first reading `from`. Returns the index of the last, or undefined on an error. */
  chain(entries: readonly unknown[], path: YamlPath, from: number, depth: number): number | undefined {
    let last: number | undefined = from;
    for (let i = 0; i < entries.length && last !== undefined; i++) {
      last = this.#entry(entries[i], [...path, i], last, depth);
    }
    return last;
  }

  #entry(entry: unknown, path: YamlPath, previous: number, depth: number): number | undefined {
    // `- global-average-pool` is short for `- global-average-pool: {}`.
    const object = (typeof entry === 'string' ? { [entry]: null } : entry) as Record<string, unknown>;
    if (!this.#source.validate(commonCheck, object, path)) return undefined;
    const kinds = Object.keys(object).filter((key) => !commonKeys.includes(key));
    if (kinds.length !== 1) {
      this.#source.report(
        path,
        `a layer names one kind, this one names ${kinds.length} (${kinds.join(', ') || 'none'})`,
      );
      return undefined;
    }
    const kind = kinds[0];
    const {
      name,
      from,
      frozen,
      'initialise-from': initialise,
    } = object as {
      name?: string;
      from?: string[];
      frozen?: boolean;
      'initialise-from'?: string;
    };
    const inputs = from ? this.#resolve(from, path) : [previous];
    if (!inputs) return undefined;
    if (kind === 'residual') return this.#residual(object[kind], path, inputs[0], name, depth);
    const definition = layerDefinitions.get(kind);
    if (!definition) {
      this.#source.report(
        typeof entry === 'string' ? path : [...path, kind],
        `there is no layer kind \`${kind}\``,
        {
          advice: `Known kinds: ${[...layerDefinitions.keys()].join(', ')}, residual.`,
          key: typeof entry !== 'string',
        },
      );
      return undefined;
    }
    return this.#layer(definition, object[kind], inputs, path, { name, frozen, initialise });
  }

  #layer(
    definition: LayerDefinition<unknown>,
    value: unknown,
    from: readonly number[],
    path: YamlPath,
    common: { name?: string; frozen?: boolean; initialise?: string },
    keyword = definition.kind,
  ): number | undefined {
    const { kind } = definition;
    const count = (this.#kindCounts.get(kind) ?? 0) + 1;
    this.#kindCounts.set(kind, count);
    const name = common.name ?? `${kind}-${count}`;
    let check = checks.get(kind);
    if (!check) checks.set(kind, (check = compileSchema(definition.schema)));
    if (!this.#source.validate(check, value, [...path, keyword], name)) return undefined;
    if (this.#names.has(name)) {
      this.#source.report([...path, 'name'], `two layers are named \`${name}\``, { layer: name });
      return undefined;
    }
    if (from.length !== definition.inputs) {
      this.#source.report(path, `${kind} reads ${definition.inputs} layers, ${from.length} given`, {
        layer: name,
        advice: 'Name them in `from: [a, b]`.',
      });
      return undefined;
    }
    const options = definition.parse(value);
    const inputShapes = from.map((index) => (index < 0 ? this.#input : this.layers[index].shape));
    try {
      const shape = definition.shape(options, inputShapes);
      const index = this.layers.length;
      this.#names.set(name, index);
      this.layers.push({
        index,
        name,
        kind,
        options,
        from,
        scope: definition.scope,
        inputShapes,
        shape,
        parameters: definition.parameters(options, inputShapes),
        cost: definition.cost(options, inputShapes, shape),
        frozen: common.frozen ?? false,
        initialiseFrom: common.initialise && layerOfTeacher(common.initialise),
        line: this.#source.line(path),
        path,
        keyword,
      });
      return index;
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      this.#source.report(path, error.message, { layer: name, advice: error.advice });
      return undefined;
    }
  }

  #residual(
    value: unknown,
    path: YamlPath,
    from: number,
    name: string | undefined,
    depth: number,
  ): number | undefined {
    const inside = [...path, 'residual'];
    if (depth >= deepestNesting) {
      this.#source.report(inside, `residual blocks are nested deeper than ${deepestNesting}`);
      return undefined;
    }
    if (!this.#source.validate(residualCheck, value, inside)) return undefined;
    const block = value as { layers: unknown[]; shortcut?: unknown; activation?: Activation };
    const main = this.chain(block.layers, [...inside, 'layers'], from, depth + 1);
    if (main === undefined) return undefined;
    const shortcut =
      block.shortcut === undefined
        ? from
        : this.#entry(block.shortcut, [...inside, 'shortcut'], from, depth + 1);
    if (shortcut === undefined) return undefined;
    const definition = layerDefinitions.get('add');
    if (!definition) throw new Error('the layer kind `add` is not registered');
    const options = block.activation ? { activation: block.activation } : null;
    return this.#layer(definition, options, [main, shortcut], path, { name }, 'residual');
  }

  #resolve(names: readonly string[], path: YamlPath): number[] | undefined {
    const indices: number[] = [];
    for (const [i, name] of names.entries()) {
      const index = name === 'input' ? -1 : this.#names.get(name);
      if (index === undefined) {
        this.#source.report([...path, 'from', i], `no layer before this one is named \`${name}\``, {
          advice: `Known: input, ${[...this.#names.keys()].join(', ')}.`,
        });
        return undefined;
      }
      indices.push(index);
    }
    return indices;
  }
}

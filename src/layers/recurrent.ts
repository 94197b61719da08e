import { dropoutRateSchema } from './dropout/shape.ts';
import { ShapeError, type LayerCost, type ParameterSpec, type TensorShape } from './definition.ts';

/** Options that GRU and LSTM share. */
export interface RecurrentOptions {
  units: number;
  recurrentActivation: 'sigmoid' | 'hard-sigmoid';
  /** Shares of the input and of the state that the gates do not see in training, the same in every window of a record. */
  dropout: number;
  recurrentDropout: number;
}

const units = { type: 'integer', minimum: 1, maximum: 4096, description: 'Size of the state.' };

export const recurrentSchema = {
  oneOf: [
    units,
    {
      type: 'object',
      additionalProperties: false,
      required: ['units'],
      properties: {
        units,
        'recurrent-activation': {
          enum: ['sigmoid', 'hard-sigmoid'],
          default: 'sigmoid',
          description:
            'Of the gates. `hard-sigmoid`: 0.2 x + 1/2 between 0 and 1; it can be deployed, not trained here.',
        },
        dropout: {
          ...dropoutRateSchema,
          default: 0,
          description: 'Share of the input that training sets to zero, the same in every window of a record.',
        },
        'recurrent-dropout': {
          ...dropoutRateSchema,
          default: 0,
          description: 'Share of the state that the gates do not see in training, the same in every window.',
        },
      },
    },
  ],
};

export function parseRecurrent(value: unknown): RecurrentOptions {
  const object = (typeof value === 'number' ? { units: value } : value) as {
    units: number;
    'recurrent-activation'?: RecurrentOptions['recurrentActivation'];
    dropout?: number;
    'recurrent-dropout'?: number;
  };
  return {
    units: object.units,
    recurrentActivation: object['recurrent-activation'] ?? 'sigmoid',
    dropout: object.dropout ?? 0,
    recurrentDropout: object['recurrent-dropout'] ?? 0,
  };
}

export function recurrentShape({ units }: RecurrentOptions, [input]: readonly TensorShape[]): TensorShape {
  if (input.length !== 1) {
    throw new ShapeError(
      `a recurrent layer reads one vector a window, but its input has length ${input.length}`,
      'Put a global-average-pool before it, or pool until the length is 1.',
    );
  }
  return { channels: units, length: 1 };
}

/** `kernel` [gates*units][channels], `recurrent` [gates*units][units], `bias` [gates*units]; one bias a gate. */
export function recurrentParameters(
  gates: number,
  units: number,
  channels: number,
  lstm: boolean,
): ParameterSpec[] {
  const rows = gates * units;
  return [
    { name: 'kernel', shape: [rows, channels], initialiser: 'glorot-uniform', fanIn: channels, fanOut: rows },
    { name: 'recurrent', shape: [rows, units], initialiser: 'orthogonal', fanIn: units, fanOut: rows },
    { name: 'bias', shape: [rows], initialiser: lstm ? 'lstm-bias' : 'zeros', fanIn: 0, fanOut: 0 },
  ];
}

/** Two operations a MAC: the slim paper counts no more for its GRU. */
export function recurrentCost(gates: number, units: number, channels: number): LayerCost {
  const macs = gates * units * (channels + units);
  return { macs, operations: 2 * macs };
}

export function recurrentLimits({ recurrentActivation }: RecurrentOptions): {
  training?: string;
} {
  return recurrentActivation === 'sigmoid' ? {} : { training: 'hard-sigmoid gates cannot be trained yet' };
}

import { augmentationSchema } from './augmentation-schema.ts';

/** Of the settings that a model file leaves out. */
export const trainingDefaults = {
  epochs: 60,
  batch: 32,
  learningRate: 0.001,
  /** As Loshchilov and Hutter 2019; plain Adam has none. */
  adamwDecay: 0.01,
  schedule: 'constant',
  plateau: { patience: 5, factor: 0.5, minimum: 1e-5 },
  labelSmoothing: 0,
  classWeights: 'none',
  select: 'validation-f1',
} as const;

const count = { type: 'integer', minimum: 1, maximum: 100_000 };
const learningRate = { type: 'number', exclusiveMinimum: 0, maximum: 1 };
const { plateau } = trainingDefaults;

const optimizer = {
  type: 'object',
  additionalProperties: false,
  description: 'Adam, or AdamW, whose weight decay does not go through the moments.',
  properties: {
    adam: {
      ...learningRate,
      default: trainingDefaults.learningRate,
      description: 'Learning rate of Adam (Kingma and Ba 2015).',
    },
    adamw: {
      ...learningRate,
      default: trainingDefaults.learningRate,
      description: 'Learning rate of Adam with decoupled weight decay (Loshchilov and Hutter 2019).',
    },
    'weight-decay': {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: `Of kernels alone, never of biases. With \`adamw\` a step takes learning rate × this of each weight away (default ${trainingDefaults.adamwDecay}); with \`adam\` this × the weight is added to its gradient (L2, default 0).`,
    },
  },
} as const;

const schedule = {
  default: trainingDefaults.schedule,
  description:
    'Learning rate over the epochs: constant, falling to a hundredth along half a cosine, or cut when the validation loss stops falling.',
  oneOf: [
    { type: 'string', enum: ['constant', 'cosine', 'plateau'] },
    {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: {
        cosine: {
          type: 'object',
          additionalProperties: false,
          description: 'Half a cosine down to a hundredth, after a rise.',
          properties: {
            'warm-up': {
              type: 'integer',
              minimum: 0,
              maximum: 1_000_000,
              default: 0,
              description: 'Batches over which the rate rises in a straight line before it falls.',
            },
          },
        },
        plateau: {
          type: 'object',
          additionalProperties: false,
          description: 'The rate is cut after epochs without a lower validation loss.',
          properties: {
            patience: { ...count, default: plateau.patience, description: 'Epochs that are waited for.' },
            factor: {
              type: 'number',
              exclusiveMinimum: 0,
              exclusiveMaximum: 1,
              default: plateau.factor,
              description: 'What the rate is multiplied by.',
            },
            minimum: {
              type: 'number',
              minimum: 0,
              maximum: 1,
              default: plateau.minimum,
              description: 'The rate goes no lower.',
            },
          },
        },
      },
    },
  ],
} as const;

/** The value of `training` in a model file. */
export const trainingSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How the network is trained.',
  properties: {
    epochs: { ...count, default: trainingDefaults.epochs, description: 'Passes over the training records.' },
    batch: {
      type: 'integer',
      minimum: 1,
      maximum: 4096,
      default: trainingDefaults.batch,
      description: 'Records of a step.',
    },
    optimizer,
    clip: {
      type: 'number',
      exclusiveMinimum: 0,
      description:
        'Largest Euclidean norm of all gradients together; longer ones are shortened to it (Pascanu et al. 2013). Default: none.',
    },
    schedule,
    loss: {
      default: 'cross-entropy',
      description:
        'What training makes small: the cross-entropy, or the distance to what a layer of the teacher gives.',
      oneOf: [
        { type: 'string', enum: ['cross-entropy'] },
        {
          type: 'object',
          additionalProperties: false,
          required: ['mse', 'at'],
          properties: {
            mse: {
              type: 'string',
              pattern: '^teacher\\.[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
              description:
                "Mean squared error against a layer of the teacher at the record's last window, as `teacher.lstm-1`.",
            },
            at: {
              type: 'string',
              description: 'Layer of this network that is compared, of as many channels.',
            },
          },
        },
      ],
    },
    'label-smoothing': {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: trainingDefaults.labelSmoothing,
      description:
        "Share of a label's probability that is spread evenly over all classes (Szegedy et al. 2016). A teacher's probabilities are left alone.",
    },
    'class-weights': {
      default: trainingDefaults.classWeights,
      description:
        "Factor on the loss of each class's records. `balanced`: records / (classes × records of the class), of the training split.",
      oneOf: [
        { type: 'string', enum: ['none', 'balanced'] },
        {
          type: 'object',
          additionalProperties: {
            type: 'number',
            exclusiveMinimum: 0,
            maximum: 1000,
            description: 'Factor on the loss of records of this class; 1 for classes that are not named.',
          },
        },
      ],
    },
    augmentation: augmentationSchema,
    select: {
      enum: ['validation-f1', 'validation-loss'],
      default: trainingDefaults.select,
      description: 'Figure on the validation records by which the best epoch is kept.',
    },
  },
} as const;

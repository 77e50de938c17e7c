import { WembedError, shown } from '../core/errors.js';

/** GELU by its tanh approximation (Hendrycks and Gimpel 2016). @param {number} x */
const geluTanh = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
/** @param {number} x */
const silu = (x) => x / (1 + Math.exp(-x));

/** @type {Record<string, (x: number) => number>} by transformers' names */
const ACTIVATIONS = {
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  ...{ gelu_new: geluTanh, gelu_fast: geluTanh, gelu_pytorch_tanh: geluTanh },
  relu: (x) => Math.max(x, 0),
  ...{ silu, swish: silu },
  tanh: Math.tanh,
};

/**
 * @param {string} name transformers' (`hidden_act` in config.json)
 * @returns {(x: number) => number} errors: `unsupported`
 */
export function activationOf(name) {
  if (typeof name === 'string' && Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name];
  const known = Object.keys(ACTIVATIONS).join(', ');
  throw new WembedError('unsupported', `activation '${shown(name)}' is not one of ${known}`);
}

/** By the names of torch's modules, with torch's default settings. @type {Record<string, (x: number) => number>} */
const TORCH = {
  ...{ Identity: (x) => x, Dropout: (x) => x, Sequential: (x) => x },
  ...{ Tanh: Math.tanh, ReLU: ACTIVATIONS.relu, GELU: ACTIVATIONS.gelu, SiLU: silu },
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  LeakyReLU: (x) => (x < 0 ? 0.01 * x : x),
  ELU: (x) => (x < 0 ? Math.expm1(x) : x),
  Softplus: softplus,
  Mish: (x) => x * Math.tanh(softplus(x)),
  Hardtanh: (x) => Math.min(Math.max(x, -1), 1),
  ReLU6: (x) => Math.min(Math.max(x, 0), 6),
  Hardswish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  Hardsigmoid: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  SELU: (x) => 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * Math.expm1(x) : x),
  CELU: (x) => (x < 0 ? Math.expm1(x) : x),
  Softsign: (x) => x / (1 + Math.abs(x)),
  LogSigmoid: (x) => -softplus(-x),
};

/** @param {number} x */
function softplus(x) {
  return x > 20 ? x : Math.log1p(Math.exp(x));
}

/**
 * @param {unknown} name of a torch module: 'torch.nn.modules.activation.Tanh'
 * @param {string} file that has it, for messages
 * @returns {(x: number) => number} errors: `unsupported`
 */
export function torchActivation(name, file) {
  const short = typeof name === 'string' && /^torch\.nn\.(modules\.\w+\.)?(\w+)$/.exec(name)?.[2];
  if (short && Object.hasOwn(TORCH, short)) return TORCH[short];
  const known = Object.keys(TORCH).join(', ');
  throw new WembedError('unsupported', `${file}: activation ${shown(name)} is not one of torch's ${known}`);
}

/**
 * The error function, to about 1e-15: 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms have the same sign.
 * @param {number} x
 */
function erf(x) {
  if (!(Math.abs(x) < 6)) return Math.sign(x); // NaN stays NaN
  let [sum, term] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

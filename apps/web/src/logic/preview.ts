// What kind of preview a file gets, by the ending of its name.

export type PreviewKind = 'text' | 'json' | 'table' | 'image' | 'none';

const IMAGES = new Set(['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif', 'bmp']);
const OPAQUE = new Set([
  'pkl',
  'pickle',
  'joblib',
  'onnx',
  'pt',
  'pth',
  'bin',
  'h5',
  'npz',
  'npy',
  'parquet',
  'arrow',
  'zip',
  'gz',
  'tar',
  'so',
  'whl',
  'safetensors',
  'pdf',
]);

/** SVG is shown as text: an image of a stranger's making must not run scripts on this origin. */
export function previewOf(path: string): PreviewKind {
  const name = path.split('/').at(-1) ?? '';
  const ending = name.includes('.') ? (name.split('.').at(-1) ?? '').toLowerCase() : '';
  if (IMAGES.has(ending)) return 'image';
  if (OPAQUE.has(ending)) return 'none';
  if (ending === 'json' || ending === 'ipynb') return 'json';
  return ending === 'csv' || ending === 'tsv' ? 'table' : 'text';
}

export function ensureDir() {
  return 1;
}

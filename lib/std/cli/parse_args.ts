export function parseArgs() {
  return 2;
}

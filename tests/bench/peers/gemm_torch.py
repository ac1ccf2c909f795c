"""A plain matrix product in PyTorch, for scale: seconds per floating-point operation."""

import torch

from common import arguments, cores, measure, report


def main():
    options = arguments(size=1024, warmups=3, repeats=20, threads=cores())
    n = options.size
    a, b, out = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
    tried = []
    for threads in range(1, options.threads + 1):
        torch.set_num_threads(threads)
        label = f"{threads} thread{'s' * (threads > 1)}"
        run = lambda: torch.mm(a, b, out=out)
        tried.append(measure(label, threads, run, 2 * n**3, options.warmups, options.repeats))
    report("gemm_torch", "operation", dict(torch=torch.__version__), tried)


main()

"""One training step of the classic network in PyTorch on the CPU, with each number of threads."""

import torch
from torch import nn

from common import CLASSIC, arguments, cores, measure, report


class Classic(nn.Module):
    """LSTM, dropout, LSTM, dropout, dense (linear), dense; time-major, logits of the last step."""

    def __init__(self):
        super().__init__()
        first, second = CLASSIC["units"]
        self.one = nn.LSTM(1, first)
        self.two = nn.LSTM(first, second)
        self.dropout = nn.Dropout(CLASSIC["dropout"])
        self.dense = nn.Linear(second, CLASSIC["dense"])
        self.output = nn.Linear(CLASSIC["dense"], CLASSIC["vocabulary"])

    def forward(self, x):
        x = self.dropout(self.one(x)[0])
        x = self.dropout(self.two(x)[0][-1])
        return self.output(self.dense(x))


def main():
    options = arguments(batch=CLASSIC["batch"], warmups=2, repeats=5, threads=cores())
    torch.manual_seed(1)
    network = Classic()
    optimizer = torch.optim.Adam(network.parameters())
    x = torch.rand(CLASSIC["steps"], options.batch, 1)
    targets = torch.randint(0, CLASSIC["vocabulary"], (options.batch,))

    def step():
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), targets).backward()
        optimizer.step()

    tried = []
    for threads in range(1, options.threads + 1):
        torch.set_num_threads(threads)
        label = f"{threads} thread{'s' * (threads > 1)}"
        tried.append(measure(label, threads, step, 1, options.warmups, options.repeats))
    report("classic_step_torch", "step", dict(torch=torch.__version__), tried)


main()

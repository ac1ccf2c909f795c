"""Targets trained a second in PyTorch: embedding, two LSTM layers, a loss at every step."""

import torch
from torch import nn

from common import EVERY_STEP, arguments, cores, measure, report


class EveryStep(nn.Module):
    """Embedding, LSTM, dropout, LSTM, dropout, dense (linear), dense; time-major, state carried."""

    def __init__(self):
        super().__init__()
        first, second = EVERY_STEP["units"]
        self.embedding = nn.Embedding(EVERY_STEP["vocabulary"], EVERY_STEP["embedding"])
        self.one = nn.LSTM(EVERY_STEP["embedding"], first)
        self.two = nn.LSTM(first, second)
        self.dropout = nn.Dropout(EVERY_STEP["dropout"])
        self.dense = nn.Linear(second, EVERY_STEP["dense"])
        self.output = nn.Linear(EVERY_STEP["dense"], EVERY_STEP["vocabulary"])

    def forward(self, ids, states):
        x, one = self.one(self.embedding(ids), states[0])
        x, two = self.two(self.dropout(x), states[1])
        return self.output(self.dense(self.dropout(x))), (one, two)


def main():
    options = arguments(warmups=2, repeats=10, threads=cores())
    torch.manual_seed(1)
    network = EveryStep()
    optimizer = torch.optim.Adam(network.parameters())
    shape = (EVERY_STEP["steps"], EVERY_STEP["batch"])
    ids = torch.randint(0, EVERY_STEP["vocabulary"], shape)
    targets = torch.randint(0, EVERY_STEP["vocabulary"], shape)
    states = (None, None)

    def step():
        nonlocal states
        optimizer.zero_grad()
        logits, states = network(ids, states)
        states = tuple((h.detach(), c.detach()) for h, c in states)
        nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    tried = []
    for threads in range(1, options.threads + 1):
        torch.set_num_threads(threads)
        label = f"{threads} thread{'s' * (threads > 1)}"
        units = targets.numel()
        tried.append(measure(label, threads, step, units, options.warmups, options.repeats))
    report("targets_torch", "target", dict(torch=torch.__version__), tried)


main()

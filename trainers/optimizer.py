"""The optimizer of supervised training: Muon for the matrices inside the layers, AdamW for everything else."""

from __future__ import annotations

from typing import Any

import torch

from visgenenv.errors import ConfigError


class MuonAndAdamW(torch.optim.Optimizer):
    """Two optimizers that look like one, so that a scheduler and a checkpoint see all groups.

    Muon orthogonalises the momentum of two-dimensional weights; embeddings (which the head shares) and norms are not
    such maps and get AdamW.
    """

    def __init__(self, model: torch.nn.Module, *, muon_lr: float, adamw_lr: float, weight_decay: float = 0.0) -> None:
        named = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
        inside = [weight for name, weight in named if weight.ndim == 2 and ".layers." in f".{name}"]
        if not inside:
            raise ConfigError(
                f"{type(model).__name__} has no matrices named '.layers.': Muon would have nothing to train; expected a model "
                "whose blocks are called so, as those of Qwen, Llama and Mistral are"
            )
        chosen = {id(weight) for weight in inside}
        others = [weight for _, weight in named if id(weight) not in chosen]
        self._muon = torch.optim.Muon(inside, lr=muon_lr, weight_decay=weight_decay, momentum=0.95, nesterov=True)
        self._adamw = torch.optim.AdamW(others, lr=adamw_lr, betas=(0.9, 0.95), weight_decay=weight_decay)
        super().__init__([*self._muon.param_groups, *self._adamw.param_groups], {})
        self._share()

    def _share(self) -> None:
        """Make the groups of both and of the whole the same objects: a scheduler writes into them."""
        self.param_groups = [*self._muon.param_groups, *self._adamw.param_groups]

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update of all weights."""
        assert closure is None
        self._muon.step()  # type: ignore[no-untyped-call]
        self._adamw.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop all gradients."""
        self._muon.zero_grad(set_to_none)
        self._adamw.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """State of both, by name."""
        return {"muon": self._muon.state_dict(), "adamw": self._adamw.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self._muon.load_state_dict(state_dict["muon"])
        self._adamw.load_state_dict(state_dict["adamw"])
        self._share()

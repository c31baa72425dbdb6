"""What is asked of an address, beside the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gongkai.sources.answer import Answer, Validators
from gongkai.sources.finding import Finding
from gongkai.sources.posting import Post
from gongkai.sources.robots import Robots

Look = Callable[[Answer], Finding]
"""Says what a whole answer is."""


@dataclass(frozen=True)
class Wish:
    """How an address is asked.

    Attributes:
        validators: Of the content that is known.
        limit: Most bytes of the body.
        robots: Rules to be followed; None for robots.txt itself.
        look: Says what an answer is.
        post: What is sent; None for GET.
    """

    validators: Validators
    limit: int
    robots: Robots | None
    look: Look | None = None
    post: Post | None = None

    @property
    def method(self) -> str:
        """Method of the request."""
        return "POST" if self.post else "GET"

    def headers(self) -> dict[str, str]:
        """Headers of the request."""
        return {"Content-Type": self.post.content_type} if self.post else self.validators.headers()

    def redirected(self) -> Wish:
        """What is asked where a redirect leads: a form is sent once."""
        return replace(self, post=None)

"""How to say how much: integers in an asset's base units, always with the asset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

PLAIN = re.compile(r"([+-]?)([0-9]{1,60})(?:\.([0-9]{1,60}))?")


@dataclass(frozen=True, slots=True, order=True)
class Asset:
    """What an amount is an amount of.

    Attributes:
        code: the ticker or the name in the field, such as ``USDC`` or ``kudos``.
        decimals: how many decimal digits one whole unit has (USDC 6, kudos 0 to 3 as its network states).
    """

    code: str
    decimals: int

    def __post_init__(self) -> None:
        if not self.code or not 0 <= self.decimals <= 30:
            raise ValueError(f"asset {self.code!r}: wants a code and 0 to 30 decimals, got {self.decimals}")


@dataclass(frozen=True, slots=True)
class Amount:
    """So many base units of one asset. Amounts of different assets are never added up."""

    units: int
    asset: Asset

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.units + self._same(other).units, self.asset)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.units - self._same(other).units, self.asset)

    def __neg__(self) -> Amount:
        return Amount(-self.units, self.asset)

    def __lt__(self, other: Amount) -> bool:
        return self.units < self._same(other).units

    def _same(self, other: Amount) -> Amount:
        if other.asset != self.asset:
            raise ValueError(f"{self.asset.code} and {other.asset.code} are different assets")
        return other

    def decimal(self) -> Decimal:
        """The exact value in whole units."""
        digits = Decimal(self.units).as_tuple()
        return Decimal((digits.sign, digits.digits, -self.asset.decimals))  # scaleb() would round to 28 digits

    def __str__(self) -> str:
        return f"{self.decimal():,.{self.asset.decimals}f} {self.asset.code}"


def parse_amount(text: str, asset: Asset) -> Amount:
    """Read a decimal number of whole units, exactly.

    Raises:
        ValueError: the text is no plain decimal number, or finer than the asset's base unit.
    """
    found = PLAIN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"amount {text[:80]!r}: expected a plain decimal number of {asset.code}, such as 12.5")
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(fraction) > asset.decimals:
        raise ValueError(f"amount {text[:80]!r}: expected at most {asset.decimals} decimals of {asset.code}")
    units = int(whole + fraction.ljust(asset.decimals, "0"))
    return Amount(-units if sign == "-" else units, asset)

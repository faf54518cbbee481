"""How to say how much: integers in an asset's base units, always with the asset."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


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
        return Decimal(self.units).scaleb(-self.asset.decimals)

    def __str__(self) -> str:
        return f"{self.decimal():,.{self.asset.decimals}f} {self.asset.code}"


def parse_amount(text: str, asset: Asset) -> Amount:
    """Read a decimal number of whole units, exactly.

    Raises:
        ValueError: the text is no plain decimal number, or finer than the asset's base unit.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"amount {text!r}: expected a decimal number of {asset.code}") from None
    if not value.is_finite():
        raise ValueError(f"amount {text!r}: expected a finite number of {asset.code}")
    units = value.scaleb(asset.decimals)
    if units != units.to_integral_value():
        raise ValueError(f"amount {text!r}: {asset.code} has {asset.decimals} decimals")
    return Amount(int(units), asset)

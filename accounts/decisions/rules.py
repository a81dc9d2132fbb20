"""How a payment that waits may be decided, in the words of those who decide."""

from accounts.decisions.model import Explained
from accounts.limits.model import ShownLimit
from accounts.mandates.model import Need
from accounts.payments.model import Order, Resolved
from app.identity.stepups.model import Facts
from app.money import yuan

# What stands beside a hit whose payment the bank let go.
LET_GO = "付款经核实放行"
EXPIRED = "逾期未审批，付款已取消"


def confirmed(order: Order, facts: Facts) -> Facts:
    """What the last approver's step-up binds: the payment's own facts, and which version it is."""
    return facts | {"payment_id": str(order.id), "version": order.version}


def words(*, payee_name: str, tail: str, amount_fen: int) -> str:
    """What a text message says a confirmation is for: amount, payee and the account's tail."""
    return f"向{payee_name}（尾号{tail}）付款{yuan(amount_fen)}元"


def explained(order: Order, payee: Resolved, need: Need, limit: ShownLimit) -> Explained:
    """What the payment would take."""
    assert order.rail is not None
    fits = order.amount_fen <= min(limit.single_fen, limit.left_fen)
    return Explained(
        payee_standing=payee.standing,
        rail=order.rail,
        agree=need.places.steps,
        in_order=need.places.in_order,
        step_up=need.places.step_up,
        line=need.line,
        mandate_version=need.mandate_version,
        single_limit_fen=limit.single_fen,
        left_today_fen=limit.left_fen,
        within_limits=fits,
    )

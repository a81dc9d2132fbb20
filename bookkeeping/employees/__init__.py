"""The people a firm employs: what wages are computed from, and where they are paid."""

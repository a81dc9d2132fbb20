"""From the simplified opening to a full account: asked by the firm, decided by a reviewer."""

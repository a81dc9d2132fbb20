-- name: mark
-- What the next accounts held when the date ended, marked in the same statement.
select business_id, account_id, amount_fen
from accounts.mark_income(:on, :kind, :home, :transfer_id, :most);

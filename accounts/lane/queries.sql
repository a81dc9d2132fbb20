-- name: pay_batch
-- One call decides and writes all payments of a batch; a row each comes back, in order.
select outcome, at, error, facts, kept
from accounts.pay_batch(:businesses, :persons, :ids, :keys, :prints, :accounts, :amounts, :names,
  :bank_codes, :tails, :sealed, :indexes, :purposes, :memos, :payer_businesses, :payer_accounts,
  :payers, :numbers, :payees, :maker_businesses, :maker_persons, :makers, :reasons, :event);

-- name: books_differ_from_the_bank
-- What events booked on 1002 is what the bank holds for the firm, less payments on their way and
-- money from inside the bank that the firm has not been told of: a job of the payer's tells it.
-- Vouchers made by hand are the firm's own affair; firms with reactions still running wait.
with booked as (
  select l.business_id, sum(l.debit_fen - l.credit_fen) as fen
  from bookkeeping.lines l
  join bookkeeping.vouchers v on v.business_id = l.business_id and v.id = l.voucher_id
  where l.account_code like '1002%' and v.source_event is not null
  group by l.business_id
), held as (
  -- What waits in suspense for an account is the firm's; what an authority took is not.
  select m.business_id, sum(m.fen) as fen
  from (select a.business_id, a.balance_fen as fen from ledger.accounts a
        where a.kind = 'deposit' and a.owner = 'firm' and a.currency = 'CNY'
        union all
        select i.business_id, i.amount_fen from accounts.suspense_items i
        where i.state = 'open' and i.source <> 'deduction') m
  group by m.business_id
), away as (
  select p.business_id, sum(p.amount_fen) as fen
  from accounts.payments p
  where p.state in ('processing', 'unknown') and p.from_account_id is null
  group by p.business_id
), untold as (
  select p.payee_business_id as business_id, sum(p.amount_fen) as fen
  from accounts.payments p
  left join accounts.incoming_credits c on c.business_id = p.payee_business_id
    and c.source = 'in_bank' and c.reference = p.id::text
  where p.rail = 'in_bank' and p.state = 'settled' and p.payee_business_id <> p.business_id
    and c.id is null
  group by p.payee_business_id
)
select h.business_id, h.fen as bank_fen, coalesce(a.fen, 0) as away_fen,
       coalesce(u.fen, 0) as untold_fen,
       coalesce(b.fen, 0) as booked_fen
from held h
left join booked b on b.business_id = h.business_id
left join away a on a.business_id = h.business_id
left join untold u on u.business_id = h.business_id
where coalesce(b.fen, 0) <> h.fen + coalesce(a.fen, 0) - coalesce(u.fen, 0)
  and not exists (select from bookkeeping.payroll_runs r
                  where r.business_id = h.business_id and r.state = 'sent')
  and not exists (select from core.outbox o
                  where o.business_id = h.business_id and o.relayed_at is null)
  and not exists (select from core.jobs j
                  where j.business_id = h.business_id and j.state in ('due', 'running'));

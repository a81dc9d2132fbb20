-- name: opening
-- The balance before the first day: what the last earlier posting left.
select balance_after_fen from ledger.postings
where business_id = :business_id and account_id = :account_id and booked_on < :from_on
order by booked_on desc, seq desc limit 1;

-- name: lines
-- The postings of the range with the payment or the credit behind each, one more than allowed.
select p.seq, p.booked_on, p.at, p.amount_fen, p.balance_after_fen, e.kind, e.memo,
       o.payee_name, o.payee_account_tail, c.id::text as credit_id, c.payer_name_sealed,
       c.payer_account_tail
from ledger.postings p
join ledger.entries e
  on e.business_id = p.business_id and e.booked_on = p.booked_on and e.id = p.entry_id
left join accounts.payments o
  on o.business_id = p.business_id
  and o.id = case when e.kind in ('payment', 'payment_failed', 'payment_returned')
                  then e.business_key::uuid end
left join accounts.incoming_credits c
  on c.business_id = p.business_id and c.account_id = p.account_id
  and c.source = case e.kind when 'credit' then 'outside' when 'payment' then 'in_bank' end
  and c.reference = e.business_key
where p.business_id = :business_id and p.account_id = :account_id
  and p.booked_on >= :from_on and p.booked_on < :until_on
order by p.booked_on, p.seq limit :limit::int + 1;

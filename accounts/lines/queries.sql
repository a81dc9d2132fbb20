-- name: ends
-- Opening and closing in one statement, hence of one moment: what is posted later has a higher
-- number than the last one seen here.
select coalesce(o.seq, 0) as after_seq, coalesce(c.seq, 0) as last_seq,
       coalesce(o.balance_after_fen, 0) as opening_fen,
       coalesce(c.balance_after_fen, 0) as closing_fen
from (select 1) one
left join lateral (
  select p.seq, p.balance_after_fen from ledger.postings p
  where p.business_id = :business_id and p.account_id = :account_id and p.booked_on < :from_on
  order by p.booked_on desc, p.seq desc limit 1) o on true
left join lateral (
  select p.seq, p.balance_after_fen from ledger.postings p
  where p.business_id = :business_id and p.account_id = :account_id and p.booked_on < :until_on
  order by p.booked_on desc, p.seq desc limit 1) c on true;

-- name: sums
-- Both directions of the range up to the last line seen, so that they fit the ends.
select coalesce(sum(greatest(p.amount_fen, 0)), 0)::bigint as came_in_fen,
       coalesce(sum(greatest(-p.amount_fen, 0)), 0)::bigint as went_out_fen,
       count(*) filter (where p.amount_fen > 0) as came_in,
       count(*) filter (where p.amount_fen < 0) as went_out
from ledger.postings p
where p.business_id = :business_id and p.account_id = :account_id
  and p.booked_on >= :from_on and p.booked_on < :until_on and p.seq <= :last_seq;

-- name: lines
-- A stretch of the range with the payment or the credit behind each line, oldest first.
select p.seq, p.booked_on, p.at, p.amount_fen, p.balance_after_fen, e.kind, e.memo, p.entry_id,
       o.payee_name, o.payee_account_tail, o.payee_bank_code,
       case when p.amount_fen > 0 and e.kind = 'payment' then d.number end as from_number,
       c.id as credit_id, c.payer_name_sealed, c.payer_account_tail, c.payer_bank_code
from ledger.postings p
join ledger.entries e
  on e.business_id = p.business_id and e.booked_on = p.booked_on and e.id = p.entry_id
left join accounts.payments o
  on o.business_id = p.business_id
  and o.id = case when e.kind in ('payment', 'payment_failed', 'payment_returned')
                       and pg_input_is_valid(e.business_key, 'uuid')
                  then e.business_key::uuid end
left join accounts.deposits d on d.business_id = o.business_id and d.id = o.account_id
left join accounts.incoming_credits c
  on c.business_id = p.business_id and c.account_id = p.account_id
  and c.source = case e.kind when 'credit' then 'outside' when 'payment' then 'in_bank' end
  and c.reference = e.business_key
where p.business_id = :business_id and p.account_id = :account_id
  and p.booked_on >= :from_on and p.booked_on < :until_on
  and p.seq > :after_seq and p.seq <= :last_seq
order by p.booked_on, p.seq limit :limit;

-- name: of_entry
-- Which line of the account an entry of this kind and key wrote.
select p.booked_on, p.seq from ledger.entry_keys k
join ledger.postings p
  on p.business_id = k.business_id and p.booked_on = k.booked_on and p.entry_id = k.entry_id
where k.business_id = :business_id and k.kind = :kind and k.business_key = :business_key
  and p.account_id = :account_id;

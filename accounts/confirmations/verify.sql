-- name: month_differs_from_its_postings
-- A closed month is the sum of what was booked in it.
select m.business_id, m.account_id, m.month_on
from accounts.monthly_statements m
left join lateral (
  select coalesce(sum(greatest(p.amount_fen, 0)), 0) as came,
         coalesce(sum(greatest(-p.amount_fen, 0)), 0) as went, count(*) as n
  from ledger.postings p
  where p.business_id = m.business_id and p.account_id = m.account_id
    and p.booked_on >= m.month_on and p.booked_on < (m.month_on + interval '1 month')::date) s
  on true
where s.came <> m.came_in_fen or s.went <> m.went_out_fen or s.n <> m.lines;

-- name: month_does_not_begin_where_the_last_one_ended
-- Two months in a row meet.
select m.business_id, m.account_id, m.month_on
from accounts.monthly_statements m
join accounts.monthly_statements b
  on b.business_id = m.business_id and b.account_id = m.account_id
  and b.month_on = (m.month_on - interval '1 month')::date
where b.closing_fen <> m.opening_fen;

-- name: letter_states_another_balance
-- What a firm is asked to confirm is what its postings left.
select l.business_id, l.id from accounts.balance_letters l
left join lateral (
  select p.balance_after_fen from ledger.postings p
  where p.business_id = l.business_id and p.account_id = l.account_id
    and p.booked_on <= l.as_of_on
  order by p.booked_on desc, p.seq desc limit 1) b on true
where l.balance_fen <> coalesce(b.balance_after_fen, 0);

-- migrate:up
-- What the clock starts for many firms: a job of its own for each, so that one firm's trouble is
-- its own.

-- Firms with an approved payroll run whose pay day has come.
create function bookkeeping.firms_with_runs_due(p_on date) returns table (business_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select distinct r.business_id from bookkeeping.payroll_runs r
  where r.state = 'approved' and r.pay_on <= p_on order by 1;
end;
create index payroll_runs_by_day on bookkeeping.payroll_runs (business_id, pay_on)
  where state = 'approved';
revoke execute on function bookkeeping.firms_with_runs_due from public;
grant execute on function bookkeeping.firms_with_runs_due to nightly;

-- As before, but a loan whose dues could not be served waits for that: its interest and its
-- category are worked out once it has been, and the others do not wait with it.
create or replace function lending.accrue(p_on date) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with earned as (
    select i.business_id, i.loan_id,
           sum(case when i.due_on <= p_on then i.interest_fen - i.paid_interest_fen
                    else (2 * i.interest_fen * (p_on - i.from_on) + (i.due_on - i.from_on))
                         / (2 * (i.due_on - i.from_on)) end) as interest_fen,
           coalesce(max(p_on - i.due_on) filter (where i.state = 'overdue'), 0) as days,
           coalesce(bool_or(i.due_on <= p_on), false) as has_dues
    from lending.instalments i
    where i.state in ('planned', 'overdue') and i.from_on < p_on
    group by i.business_id, i.loan_id
  ), aged as (
    update lending.loans l
    set accrued_interest_fen = e.interest_fen, accrued_until_on = p_on, overdue_days = e.days,
        category = coalesce((
          select f.category from lending.category_floors f
          where f.valid @> p_on and f.over_days < e.days
          order by f.over_days desc limit 1), 'normal')
    from earned e
    where l.business_id = e.business_id and l.id = e.loan_id
      and l.state <> 'settled' and l.accrued_until_on < p_on
      and (l.serviced_on >= p_on or not e.has_dues)
    returning 1
  )
  select count(*) from aged
$$;

-- migrate:down
-- forward only

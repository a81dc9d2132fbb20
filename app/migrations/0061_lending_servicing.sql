-- migrate:up
-- The day's work over all firms: which loans have something due, and what every loan has earned.

-- Loans with unpaid dues that were not looked at for this date yet, a page after a place.
create function lending.loans_to_service(
  p_on date, p_after_business uuid, p_after_loan uuid, p_limit int
) returns table (business_id uuid, loan_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select l.business_id, l.id
  from lending.loans l
  where l.state <> 'settled' and l.serviced_on < p_on
    and (l.business_id, l.id) > (p_after_business, p_after_loan)
    and exists (
      select from lending.instalments i
      where i.business_id = l.business_id and i.loan_id = l.id
        and i.state in ('planned', 'overdue') and i.due_on <= p_on)
  order by 1, 2 limit p_limit
$$;

-- Active firms without a limit to draw on that were not decided about this month.
create function lending.firms_to_offer(p_on date, p_product text, p_after uuid, p_limit int)
  returns table (business_id uuid)
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.business_id
  from identity.business_directory d
  where d.state = 'active' and d.business_id > p_after
    and not exists (
      select from lending.facilities f
      where f.business_id = d.business_id and f.product_code = p_product
        and f.state = 'active' and f.ends_on > p_on)
    and not exists (
      select from lending.decisions c
      where c.business_id = d.business_id and c.product_code = p_product
        and c.decided_on >= date_trunc('month', p_on)::date)
  order by 1 limit p_limit
$$;

-- Interest earned and not paid, days overdue and category of every living loan, in one statement.
-- A period's interest is earned evenly over its days, rounded half up.
create function lending.accrue(p_on date) returns bigint
  language sql security definer set search_path = pg_catalog, pg_temp as $$
  with earned as (
    select i.business_id, i.loan_id,
           sum(case when i.due_on <= p_on then i.interest_fen - i.paid_interest_fen
                    else (2 * i.interest_fen * (p_on - i.from_on) + (i.due_on - i.from_on))
                         / (2 * (i.due_on - i.from_on)) end) as interest_fen,
           coalesce(max(p_on - i.due_on) filter (where i.state = 'overdue'), 0) as days
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
    returning 1
  )
  select count(*) from aged
$$;

revoke execute on function lending.loans_to_service, lending.firms_to_offer, lending.accrue
  from public;
grant execute on function lending.loans_to_service, lending.firms_to_offer, lending.accrue
  to nightly;

-- migrate:down
-- forward only

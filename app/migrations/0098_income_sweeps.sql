-- migrate:up
-- The bank's own income and expense inside each firm's tenant, swept to the bank's own firm once
-- for each business date: what was there when the date ended.

create table accounts.swept_income (
  business_id uuid not null,
  swept_on date not null,
  kind text not null,
  account_id uuid not null,
  amount_fen bigint not null,
  transfer_id uuid not null,
  primary key (business_id, swept_on, kind),
  constraint swept_income_is_something check (amount_fen <> 0),
  constraint only_income_and_expense_are_swept
    check (kind in ('fee_income', 'interest_income', 'interest_payable'))
);
select core.tenant_table('accounts.swept_income');
revoke all on accounts.swept_income from app;
revoke insert, update on accounts.swept_income from worker;
create trigger swept_income_is_append_only before update or delete on accounts.swept_income
  for each row execute function core.refuse_change();

-- Marks what the next accounts of a kind held when a date ended, and says how much of which firm
-- it is; the ledger moves it in the same transaction. A date is never swept after a later one.
create function accounts.mark_income(p_on date, p_kind text, p_home uuid, p_transfer uuid,
                                     p_most int)
  returns table (business_id uuid, account_id uuid, amount_fen bigint)
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(hashtextextended('accounts.swept_income', 0));
  if exists (select from accounts.swept_income s where s.kind = p_kind and s.swept_on > p_on) then
    return;
  end if;
  return query
  insert into accounts.swept_income as s
    (business_id, swept_on, kind, account_id, amount_fen, transfer_id)
  select a.business_id, p_on, p_kind, a.id, e.ended_fen, p_transfer
  from ledger.accounts a
  cross join lateral (
    select case when a.last_at < (p_on + 1)::timestamp at time zone 'Asia/Shanghai'
                then a.balance_fen
                else coalesce((select p.balance_after_fen from ledger.postings p
                               where p.business_id = a.business_id and p.account_id = a.id
                                 and p.booked_on <= p_on
                               order by p.booked_on desc, p.seq desc limit 1), 0) end as ended_fen
  ) e
  where a.owner = 'bank' and a.kind = p_kind and a.currency = 'CNY' and a.business_id <> p_home
    and e.ended_fen <> 0
    and not exists (select from accounts.swept_income d
                    where d.business_id = a.business_id and d.swept_on = p_on and d.kind = p_kind)
  order by a.business_id, a.id limit p_most
  returning s.business_id, s.account_id, s.amount_fen;
end $$;
revoke execute on function accounts.mark_income from public;
grant execute on function accounts.mark_income to nightly;

-- migrate:down
-- forward only

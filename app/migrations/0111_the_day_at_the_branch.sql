-- migrate:up
-- The queue at the branch, who did not come, and what the firm takes home with its account.

insert into accounts.policies (kind, valid, value, source) values
  ('visits.terms', '[2018-01-01,)',
   '{"days_ahead": 30, "code_seconds": 120, "typical_minutes": 20, "remind_hours": 24}',
   'bank policy: booking a month ahead, a check-in code of two minutes, a reminder the day before'),
  ('products.terms', '[2018-01-01,)',
   '{"online_bank_days": 1, "settlement_card_days": 5}',
   'bank policy: working days within which a token is handed over and a card is made');

-- Who was served before the queue had numbers keeps a number of their own.
alter table onboarding.visits
  add column queue_number text,
  add column queue_at timestamptz,
  add column called_at timestamptz,
  add column called_by uuid,
  add column desk_window int,
  add column missed_at timestamptz,
  add column reminded_at timestamptz,
  add column comes text not null default 'legal_representative',
  add column identity_by text,
  add column papers_seen text[] not null default '{}',
  add column seals text[] not null default '{}';
update onboarding.visits set queue_number = 'A000', queue_at = coalesce(checked_in_at, starts_at)
where state in ('checked_in', 'completed');
alter table onboarding.visits drop constraint visit_state_is_known;
alter table onboarding.visits add constraint visit_state_is_known
  check (state in ('booked', 'checked_in', 'serving', 'completed', 'cancelled', 'missed'));
alter table onboarding.visits add constraint whoever_is_there_has_a_number
  check (state not in ('checked_in', 'serving', 'completed')
         or (queue_number is not null and queue_at is not null));
alter table onboarding.visits add constraint whoever_is_served_was_called
  check (state <> 'serving' or (called_at is not null and called_by is not null));
alter table onboarding.visits add constraint whoever_comes_is_known
  check (comes in ('legal_representative', 'agent'));
drop index onboarding.one_visit_at_a_time;
create unique index one_visit_at_a_time on onboarding.visits (business_id, application_id)
  where state in ('booked', 'checked_in', 'serving', 'completed');
create index visits_in_the_queue on onboarding.visits (branch, queue_at, id)
  where state in ('checked_in', 'serving');
create index visits_that_are_due on onboarding.visits (starts_at)
  where state in ('booked', 'checked_in');

-- The last number given at a branch on a date: the row decides under any race.
create table onboarding.branch_days (
  branch text not null,
  on_date date not null,
  last_number int not null,
  primary key (branch, on_date),
  constraint numbers_begin_with_one check (last_number >= 1)
);
select core.directory_table('onboarding.branch_days');
revoke insert, update on onboarding.branch_days from portal, app;

-- How many stand before somebody, without a word about who they are.
create function onboarding.queue_before(p_branch text, p_queue_at timestamptz, p_id uuid)
  returns table (waiting int, serving int) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  select count(*) filter (where v.state = 'checked_in'
                          and (v.queue_at, v.id) < (p_queue_at, p_id))::int,
         count(*) filter (where v.state = 'serving')::int
  from onboarding.visits v
  where v.branch = p_branch and v.state in ('checked_in', 'serving');
end;
revoke execute on function onboarding.queue_before from public;
grant execute on function onboarding.queue_before to app, desk, worker;

-- What the clock has to look at in all firms: who did not come by the end of the branch's day, and
-- who comes within the next hours and was not reminded.
create function onboarding.due_visits(p_now timestamptz, p_remind interval, p_most int)
  returns table (business_id uuid, visit_id uuid, what text) language sql stable
  security definer set search_path = pg_catalog, pg_temp
begin atomic
  (select v.business_id, v.id, 'missed'
   from onboarding.visits v join accounts.branches b on b.code = v.branch
   where v.state in ('booked', 'checked_in') and v.starts_at < p_now
     and ((coalesce(v.queue_at, v.starts_at) at time zone 'Asia/Shanghai')::date + b.closes_at)
         at time zone 'Asia/Shanghai' <= p_now
   order by v.starts_at limit p_most)
  union all
  (select v.business_id, v.id, 'near' from onboarding.visits v
   where v.state = 'booked' and v.reminded_at is null and v.starts_at > p_now
     and v.starts_at <= p_now + p_remind and v.booked_at <= v.starts_at - p_remind
   order by v.starts_at limit p_most);
end;
revoke execute on function onboarding.due_visits from public;
grant execute on function onboarding.due_visits to nightly;

-- What a firm takes home with its account; what is not handed over yet has somebody who acts.
create table onboarding.products (
  business_id uuid not null,
  id uuid not null,
  application_id uuid not null,
  kind text not null,
  branch text not null,
  state text not null default 'asked',
  acts text,
  due_at timestamptz,
  reference text,
  issued_by uuid,
  issued_at timestamptz,
  asked_at timestamptz not null,
  primary key (business_id, id),
  constraint a_product_belongs_to_an_application foreign key (business_id, application_id)
    references onboarding.applications (business_id, id),
  constraint one_of_each_kind unique (business_id, application_id, kind),
  constraint product_is_known
    check (kind in ('receipts', 'messages', 'online_bank', 'settlement_card')),
  constraint product_state_is_known
    check (state in ('asked', 'preparing', 'issued', 'withdrawn')),
  constraint what_is_undone_has_somebody_who_acts
    check ((state = 'preparing') = (acts is not null and due_at is not null)),
  constraint acts_is_known check (acts in ('branch', 'system')),
  constraint what_is_issued_says_when check ((state = 'issued') = (issued_at is not null))
);
select core.tenant_table('onboarding.products');
select core.desk_works('onboarding.products');
create index products_undone on onboarding.products (branch, due_at) where state = 'preparing';

-- migrate:down
-- forward only

-- migrate:up
-- Programs of others in full: keys that they publish themselves, and how often they may call.

alter table identity.clients
  add column jwks_uri text,
  add column jwks_fetched_at timestamptz,
  add column jwks_tried_at timestamptz,
  add column per_minute int not null default 600,
  add column per_day int not null default 100000,
  add constraint jwks_uri_has_a_bounded_length check (length(jwks_uri) between 10 and 500),
  add constraint published_keys_have_been_fetched
    check ((jwks_uri is null) = (jwks_fetched_at is null)),
  add constraint quotas_are_positive check (per_minute between 1 and 100000
    and per_day between 1 and 100000000);
grant update (jwks_uri, jwks_fetched_at, jwks_tried_at) on identity.clients to portal;

-- How often a program has called in the minute and on the day that began last.
create table identity.client_usage (
  client_id uuid not null,
  span text not null,
  began_at timestamptz not null,
  count int not null,
  primary key (client_id, span),
  constraint span_is_known check (span in ('minute', 'day'))
);
insert into core.table_class values ('identity.client_usage', 'local');
alter table identity.client_usage enable row level security;
alter table identity.client_usage force row level security;
create policy client_counts_its_own on identity.client_usage to portal
  using (client_id = core.client()) with check (client_id = core.client());
create policy bank_reads on identity.client_usage for select to desk, verify using (true);
create policy owner_maintains on identity.client_usage to owner using (true) with check (true);
grant select, insert, update on identity.client_usage to portal;
grant select on identity.client_usage to desk, verify;

-- migrate:down
-- forward only

-- migrate:up
-- What may be paid through one device (one sign-in); a person without such a limit pays no look-up.

create table accounts.device_limits (
  business_id uuid not null,
  person_id uuid not null,
  session_id uuid not null,
  single_fen bigint not null,
  daily_fen bigint not null,
  day date not null,
  used_fen bigint not null default 0,
  version int not null default 1,
  primary key (business_id, person_id, session_id),
  constraint device_limits_are_not_negative check (single_fen >= 0 and daily_fen >= single_fen),
  constraint device_limits_are_bounded check (daily_fen <= 1000000000000000),
  constraint device_day_is_used_within_reason check (used_fen between 0 and 1000000000000000)
) with (fillfactor = 50);
select core.tenant_table('accounts.device_limits');

-- Says on the row that every payment locks anyway whether any device of this person has a limit.
alter table accounts.person_limits add column by_device boolean not null default false;

-- Through which sign-in a payment was made, where that sign-in has a limit: it is given back there.
alter table accounts.payments add column limit_session uuid;

-- migrate:down
-- forward only

-- migrate:up
-- What one person may pay at once and in one day; usage lives on the row and restarts with the day.

create table accounts.person_limits (
  business_id uuid not null,
  person_id uuid not null,
  single_fen bigint not null,
  daily_fen bigint not null,
  day date not null,
  used_fen bigint not null default 0,
  version int not null default 1,
  primary key (business_id, person_id),
  constraint limits_are_not_negative check (single_fen >= 0 and daily_fen >= single_fen),
  constraint limits_are_bounded check (daily_fen <= 1000000000000000),
  constraint day_is_used_within_reason check (used_fen between 0 and 1000000000000000)
) with (fillfactor = 50);
select core.tenant_table('accounts.person_limits');

-- migrate:down
-- forward only

-- migrate:up
-- Money held for a named payee, to be confirmed, called off, or let go at its term.

insert into accounts.policies (kind, valid, value, source) values
  ('reservations.terms', '[2018-01-01,)', '{"longest_days": 90}',
   'bank policy: money is reserved for a payee for at most 90 days');

-- What was confirmed and what is left stands on the hold alone, so that no second figure can say
-- otherwise; `ended` says why the rest was let go.
create table accounts.reservations (
  business_id uuid not null,
  id uuid not null,
  made_by uuid not null,
  account_id uuid not null,
  amount_fen bigint not null,
  party_id uuid,
  payee_name text not null,
  payee_sealed bytea not null,
  payee_account_tail text not null,
  payee_bank_code text not null,
  purpose text not null,
  memo text not null,
  hold_id uuid not null,
  expires_at timestamptz not null,
  ended text,
  reason text,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (business_id, id),
  constraint one_reservation_per_hold unique (business_id, hold_id),
  constraint reservation_is_positive check (amount_fen > 0),
  constraint reservation_end_is_known
    check (ended in ('confirmed', 'cancelled', 'expired', 'finished')),
  constraint ended_reservation_has_a_moment check ((ended is null) = (ended_at is null)),
  constraint reservation_ends_after_it_begins check (expires_at > created_at),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id),
  foreign key (business_id, party_id) references accounts.parties (business_id, id)
);
create index reservations_newest on accounts.reservations (business_id, created_at desc, id desc);
create index reservations_by_term on accounts.reservations (expires_at)
  where ended is null;
select core.tenant_table('accounts.reservations');

create index payments_of_a_reservation on accounts.payments (business_id, from_hold_id)
  where from_hold_id is not null;

-- Firms with reservations past their term, a page of them; the clock ends them firm by firm.
create function accounts.firms_with_lapsed_reservations(
  p_now timestamptz, p_after uuid, p_limit int
) returns setof uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select distinct r.business_id from accounts.reservations r
  where r.ended is null and r.expires_at <= p_now and r.business_id > p_after
  order by r.business_id limit p_limit
$$;
revoke execute on function accounts.firms_with_lapsed_reservations from public;
grant execute on function accounts.firms_with_lapsed_reservations to nightly;

-- migrate:down
-- forward only

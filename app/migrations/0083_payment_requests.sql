-- migrate:up
-- Payment requests: a firm asks to be paid, by a code that anyone may be shown; paid once.

create table accounts.payment_requests (
  business_id uuid not null,
  id uuid not null,
  code text not null,
  kind text not null,
  account_id uuid not null,
  amount_fen bigint,
  partial boolean not null,
  purpose text not null,
  memo text not null,
  reference text not null,
  to_named_firm boolean not null,
  made_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  cancelled_at timestamptz,
  primary key (business_id, id),
  constraint request_kind_is_known check (kind in ('single', 'counter')),
  constraint a_counter_code_takes_any_amount check ((kind = 'counter') = (amount_fen is null)),
  constraint requested_amount_is_bounded check (amount_fen between 1 and 1000000000000000),
  constraint a_counter_code_stays check (kind = 'single' or (expires_at is null and not partial)),
  constraint a_single_request_ends check (kind = 'counter' or expires_at > created_at),
  foreign key (business_id, account_id) references accounts.deposits (business_id, id)
);
create index payment_requests_newest on accounts.payment_requests (business_id, id desc);
select core.tenant_table('accounts.payment_requests');

-- What reached the payee by a request: told once, when the payment is settled.
create table accounts.request_receipts (
  business_id uuid not null,
  request_id uuid not null,
  payment_id uuid not null,
  amount_fen bigint not null,
  payer_name_sealed bytea not null,
  paid_at timestamptz not null,
  told_at timestamptz not null,
  primary key (business_id, request_id, payment_id),
  constraint request_receipt_is_positive check (amount_fen > 0),
  foreign key (business_id, request_id) references accounts.payment_requests (business_id, id)
);
select core.tenant_table('accounts.request_receipts');

-- Which firm asked for what under a code: for whoever holds the code, and for the firm asked.
create table accounts.request_directory (
  code text primary key,
  business_id uuid not null,
  request_id uuid not null,
  payee_name text not null,
  payee_number text not null,
  payer_business_id uuid,
  kind text not null,
  amount_fen bigint,
  partial boolean not null,
  purpose text not null,
  memo text not null,
  reference text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  closed_at timestamptz,
  constraint request_code_is_long_enough check (code ~ '^[0-9A-Z]{16}$')
);
create index request_directory_by_payer on accounts.request_directory (payer_business_id, code)
  where payer_business_id is not null;
select core.directory_table('accounts.request_directory');
alter table accounts.request_directory enable row level security;
alter table accounts.request_directory force row level security;
create policy anyone_reads on accounts.request_directory for select using (true);
create policy firm_writes_its_own on accounts.request_directory to app, worker
  using (business_id = core.business()) with check (business_id = core.business());
create policy owner_maintains on accounts.request_directory to owner
  using (true) with check (true);
revoke insert, update on accounts.request_directory from portal, desk;

-- Which payment was made for which request; the payer's firm and the payee's see it.
create table accounts.request_claims (
  code text not null,
  payment_id uuid not null,
  payer_business_id uuid not null,
  amount_fen bigint not null,
  claimed_at timestamptz not null,
  primary key (code, payment_id),
  constraint a_payment_serves_one_request unique (payment_id)
);
select core.directory_table('accounts.request_claims');
alter table accounts.request_claims enable row level security;
alter table accounts.request_claims force row level security;
create policy payer_reads on accounts.request_claims for select to app, worker
  using (payer_business_id = core.business());
create policy verify_reads on accounts.request_claims for select to verify using (true);
create policy owner_maintains on accounts.request_claims to owner using (true) with check (true);
revoke insert, update on accounts.request_claims from app, worker, portal, desk;

-- Binds a payment just made to a request, under the request's lock: why it may not be, or null.
-- What counts are payments that reached the payee or still may.
create function accounts.claim_request(
  p_code text, p_business uuid, p_payment uuid, p_now timestamptz
) returns text
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_request accounts.request_directory;
  v_payment record;
  v_taken bigint;
begin
  if p_business is distinct from core.business() then
    raise exception 'another firm''s payment' using errcode = 'XW403';
  end if;
  select d.* into v_request from accounts.request_directory d where d.code = p_code
  for no key update;
  select p.amount_fen, p.payee_business_id into v_payment from accounts.payments p
  where p.business_id = p_business and p.id = p_payment;
  if v_request.code is null or v_payment.amount_fen is null
     or v_payment.payee_business_id is distinct from v_request.business_id
     or (v_request.payer_business_id is not null
         and v_request.payer_business_id <> p_business) then
    return 'unknown';
  end if;
  if v_request.closed_at is not null then return 'cancelled'; end if;
  if v_request.expires_at <= p_now then return 'expired'; end if;
  if v_request.amount_fen is not null then
    select coalesce(sum(c.amount_fen), 0) into v_taken
    from accounts.request_claims c
    join accounts.payments p on p.business_id = c.payer_business_id and p.id = c.payment_id
    where c.code = p_code
      and p.state not in ('refused', 'rejected', 'cancelled', 'failed', 'returned');
    if v_taken >= v_request.amount_fen then return 'paid'; end if;
    if v_taken + v_payment.amount_fen > v_request.amount_fen then return 'too_much'; end if;
    if not v_request.partial and v_payment.amount_fen <> v_request.amount_fen then
      return 'in_parts';
    end if;
  end if;
  insert into accounts.request_claims (code, payment_id, payer_business_id, amount_fen, claimed_at)
  values (p_code, p_payment, p_business, v_payment.amount_fen, p_now);
  return null;
end $$;
revoke execute on function accounts.claim_request from public;
grant execute on function accounts.claim_request to app;

-- migrate:down
-- forward only

-- migrate:up
-- Payments that a monitor held: their money on hold, the desk's queue, the owner's word.

-- Another state of a payment, whatever states there are; its money lies in a hold.
do $$
declare v_rule text;
begin
  select pg_get_expr(conbin, conrelid) into strict v_rule from pg_constraint
  where conrelid = 'accounts.payments'::regclass and conname = 'payment_state_is_known';
  alter table accounts.payments drop constraint payment_state_is_known;
  execute format('alter table accounts.payments add constraint payment_state_is_known'
                 ' check (state = ''under_review'' or %s)', v_rule);
  select pg_get_expr(conbin, conrelid) into strict v_rule from pg_constraint
  where conrelid = 'accounts.payments'::regclass
    and conname = 'money_is_held_only_while_submitted';
  alter table accounts.payments drop constraint money_is_held_only_while_submitted;
  execute format('alter table accounts.payments add constraint money_is_held_only_while_submitted'
                 ' check (case when state = ''under_review'' then hold_id is not null'
                 ' else %s end)', v_rule);
end $$;

create table accounts.payment_reviews (
  business_id uuid not null,
  payment_id uuid not null,
  amount_fen bigint not null,
  score int not null,
  rule_ids uuid[] not null,
  owner_zh text not null,
  owner_en text not null,
  levels int not null,
  approved_by uuid[] not null default '{}',
  state text not null default 'open',
  claimed_by uuid,
  lease_until timestamptz,
  due_at timestamptz not null,
  opened_at timestamptz not null,
  decided_at timestamptz,
  reason text,
  owner_answer text,
  answered_by uuid,
  answered_at timestamptz,
  primary key (business_id, payment_id),
  constraint review_is_of_a_payment foreign key (business_id, payment_id)
    references accounts.payments (business_id, id),
  constraint payment_review_state_is_known
    check (state in ('open', 'released', 'refused', 'called_off')),
  constraint payment_review_claim_has_a_lease check ((claimed_by is null) = (lease_until is null)),
  constraint decided_payment_review_has_its_moment check ((state = 'open') = (decided_at is null)),
  constraint released_by_as_many_as_asked
    check (cardinality(approved_by) <= levels
           and (state <> 'released' or cardinality(approved_by) = levels)),
  constraint refused_review_says_why check (state <> 'refused' or reason is not null),
  constraint owners_answer_is_known check (owner_answer in ('mine', 'not_mine')),
  constraint an_answer_is_somebodys check ((owner_answer is null) = (answered_by is null)
                                           and (owner_answer is null) = (answered_at is null))
);
-- The queue is read across all firms, the most urgent first: here the tenant does not lead.
create index payment_reviews_by_urgency on accounts.payment_reviews
  (due_at, business_id, payment_id) where state = 'open';
select core.tenant_table('accounts.payment_reviews');
select core.desk_works('accounts.payment_reviews');
revoke insert on accounts.payment_reviews from desk;

-- The owner's door answers and calls off; releasing and refusing are the bank's.
create function accounts.guard_payment_review() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' and new.state is distinct from old.state then
    raise exception 'a decided review stays decided' using errcode = 'XW002';
  end if;
  if session_user = 'app' and new.state in ('released', 'refused')
     and new.state is distinct from old.state then
    raise exception 'only the bank decides a review' using errcode = 'XW003';
  end if;
  return new;
end $$;
create trigger reviews_are_decided_by_the_bank before update on accounts.payment_reviews
  for each row execute function accounts.guard_payment_review();

-- migrate:down
-- forward only

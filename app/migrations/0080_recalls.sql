-- migrate:up
-- A settled payment asked back from the other bank, and what that bank answers.

create table accounts.recalls (
  business_id uuid not null,
  id uuid not null,
  payment_id uuid not null,
  why text not null,
  words text not null,
  state text not null default 'asked',
  answer text not null default '',
  asked_by uuid not null,
  asked_at timestamptz not null,
  answered_at timestamptz,
  primary key (business_id, id),
  constraint recall_reason_is_known check (why in ('duplicate', 'wrong_payee', 'not_wanted')),
  constraint recall_state_is_known check (state in ('asked', 'agreed', 'refused')),
  constraint an_answer_has_its_moment check ((state = 'asked') = (answered_at is null)),
  constraint a_refusal_says_why check (state <> 'refused' or answer <> ''),
  foreign key (business_id, payment_id) references accounts.payments (business_id, id)
);
create unique index one_open_recall_per_payment on accounts.recalls (business_id, payment_id)
  where state = 'asked';
create index recalls_of_a_payment on accounts.recalls (business_id, payment_id, asked_at);
select core.tenant_table('accounts.recalls');
select core.desk_reads('accounts.recalls');

-- migrate:down
-- forward only

-- migrate:up
-- Many applications in one batch: each row with its own result, the failed ones sent again alone.

create table onboarding.handover_batches (
  client_id uuid not null,
  id uuid not null,
  batch_reference text not null collate "C",
  row_count int not null,
  state text not null default 'working',
  round int not null default 1,
  made_at timestamptz not null,
  finished_at timestamptz,
  primary key (client_id, id),
  constraint one_batch_per_reference unique (client_id, batch_reference),
  constraint a_batch_has_some_rows check (row_count between 1 and 500),
  constraint batch_state_is_known check (state in ('working', 'finished')),
  constraint a_finished_batch_has_its_moment
    check ((state = 'finished') = (finished_at is not null))
);
select core.client_table('onboarding.handover_batches');

-- The row as it was sent is sealed, and gone once it has become an application.
create table onboarding.handover_rows (
  client_id uuid not null,
  batch_id uuid not null,
  row_no int not null,
  id uuid not null,
  content_sealed bytea,
  client_reference text,
  state text not null default 'waiting',
  application_id uuid,
  problem jsonb,
  tries int not null default 0,
  tried_at timestamptz,
  primary key (client_id, batch_id, row_no),
  constraint a_row_belongs_to_a_batch foreign key (client_id, batch_id)
    references onboarding.handover_batches (client_id, id),
  constraint row_state_is_known check (state in ('waiting', 'taken', 'known', 'refused')),
  constraint a_row_that_was_taken_has_its_application
    check ((state in ('taken', 'known')) = (application_id is not null)),
  constraint a_refused_row_says_why check ((state = 'refused') = (problem is not null)),
  constraint a_row_keeps_its_content_while_it_is_needed
    check ((state in ('waiting', 'refused')) = (content_sealed is not null))
);
create index handover_rows_waiting on onboarding.handover_rows (client_id, batch_id, row_no)
  where state = 'waiting';
select core.client_table('onboarding.handover_rows');

-- migrate:down
-- forward only

-- migrate:up
-- Payment systems by date; what the clearing house and the bank told each other; what moved there.

-- Terms of each payment system by business day: never two of one system on one day.
create table accounts.rails (
  rail text not null,
  valid daterange not null,
  terms jsonb not null,
  source text not null,
  confidence text not null,
  primary key (rail, valid without overlaps),
  constraint known_payment_system check (rail in ('hvps', 'beps', 'ibps')),
  constraint terms_are_valid_for_some_day check (not isempty(valid)),
  constraint terms_have_a_source check (source <> '')
);
select core.reference_table('accounts.rails');

insert into accounts.rails (rail, valid, terms, source, confidence) values
  ('hvps', '[2018-01-22,2018-05-02)',
   '{"cap_fen": null, "window": {"opens_minute": 1410, "closes_minute": 1035}, "special": null,
     "arrives_minutes": 5}',
   'HVPS 5x21 from 2018-01-22: 23:30 on T-1 to 17:15 on T (notice of the central bank)',
   'verified'),
  ('hvps', '[2018-05-02,2026-07-01)',
   '{"cap_fen": null, "window": {"opens_minute": 1230, "closes_minute": 1035}, "special": null,
     "arrives_minutes": 5}',
   'HVPS opens at 20:30 on T-1 from 2018-05-02, clearing window from 17:15 (notice of the central
    bank, as told by a public article)',
   'medium'),
  ('hvps', '[2026-07-01,2026-10-17)',
   '{"cap_fen": null, "window": {"opens_minute": 1230, "closes_minute": 1050},
     "special": {"opens_minute": 510, "closes_minute": 1230}, "arrives_minutes": 5}',
   'HVPS 5x21+12, in force July 2026 (start unknown): 20:30 on T-1 to 17:30 on T; special working
    days twelve hours, taken as 08:30 until the opening of the next working day',
   'verified for working days; medium for special ones'),
  ('hvps', '[2026-10-17,)',
   '{"cap_fen": null, "window": {"opens_minute": 1140, "closes_minute": 1050},
     "special": {"opens_minute": 330, "closes_minute": 1140}, "arrives_minutes": 5}',
   'HVPS 5x22.5+13.5 from 2026-10-17, working days from 2026-10-19: 19:00 on T-1 to 17:30 on T;
    special working days 13.5 hours, taken as 05:30 until the opening of the next working day',
   'verified for working days; medium for special ones'),
  ('beps', '[2018-01-22,)',
   '{"cap_fen": 100000000, "window": null, "special": null, "arrives_minutes": 120}',
   'BEPS day and night, business day 16:00 to 16:00; cap of single credits 1,000,000 yuan',
   'medium for the cap: 50,000 yuan is the last documented one'),
  ('ibps', '[2018-01-22,)',
   '{"cap_fen": 100000000, "window": null, "special": null, "arrives_minutes": 1}',
   'IBPS day and night, answers at once; cap of single items 1,000,000 yuan',
   'medium for the cap: 50,000 yuan is the last documented one');
delete from accounts.policies where kind = 'payments.rails';

-- When a settled payment is looked at again: money may be sent back without anybody telling us.
alter table accounts.clearing_references
  add column check_at timestamptz, add column checks int not null default 0,
  add column recall_id uuid;
create index clearing_references_to_check on accounts.clearing_references (check_at)
  where check_at is not null;
insert into accounts.policies (kind, valid, value, source) values
  ('clearing.checks', '[2018-01-01,)', '{"days": [1, 3, 7]}',
   'bank policy: days after settlement on which a payment is asked about again');

-- Every movement on our account with the clearing house, on the date that it says: our side of
-- the day's comparison, whichever subject moved it. `line_no` numbers the lines of a batch.
create table accounts.clearing_movements (
  direction text not null,
  reference text not null collate "C",
  line_no int not null default 0,
  moved_on date not null,
  amount_fen bigint not null,
  business_id uuid,
  noted_at timestamptz not null,
  -- the transaction that noted it: what a comparison had seen can be told for ever
  noted_by xid8 not null default pg_current_xact_id(),
  primary key (direction, reference, line_no),
  constraint movement_direction_is_known
    check (direction in ('outgoing', 'outgoing_returned', 'incoming', 'incoming_returned')),
  constraint movement_amount_is_positive check (amount_fen > 0)
);
create index clearing_movements_by_date on accounts.clearing_movements
  (moved_on, direction, reference, line_no);
select core.local_table('accounts.clearing_movements');
revoke all on accounts.clearing_movements from app;
revoke update, delete on accounts.clearing_movements from worker;
create trigger movements_are_append_only before update or delete on accounts.clearing_movements
  for each row execute function core.refuse_change();

-- Each ISO 20022 message to and from the clearing house, word for word, about one payment or
-- credit (`subject_id`). It names people, so it lies sealed.
create table accounts.messages (
  business_id uuid not null,
  id uuid not null,
  subject_id uuid not null,
  direction text not null,
  definition text not null,
  reference text not null,
  sealed bytea not null,
  sha256 bytea not null,
  at timestamptz not null,
  primary key (business_id, id),
  constraint message_goes_out_or_comes_in check (direction in ('out', 'in')),
  constraint message_definition_is_iso check (definition ~ '^(pain|pacs|camt)(\.[0-9]{3}){2}\.[0-9]{2}$'),
  constraint message_digest_is_sha256 check (octet_length(sha256) = 32),
  constraint one_copy_of_a_message unique (business_id, subject_id, direction, sha256)
);
select core.tenant_table('accounts.messages');
select core.desk_reads('accounts.messages');
revoke update on accounts.messages from app, worker;
create trigger messages_are_append_only before update or delete on accounts.messages
  for each row execute function core.refuse_change();

-- migrate:down
-- forward only

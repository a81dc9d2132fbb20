-- migrate:up
-- Each business date compared with the clearing house: what both sides say, sealed; what differs.

-- One comparison of one date; a later one of the same date stands beside it, never over it.
create table accounts.reconciliations (
  no bigint not null,
  reconciled_on date not null,
  run_no int not null,
  opening_fen bigint not null,
  closing_fen bigint not null,
  differences int not null,
  made_at timestamptz not null,
  -- which movements had been noted when ours were added up
  seen pg_snapshot not null,
  seal bytea not null,
  primary key (reconciled_on, run_no),
  constraint comparisons_are_numbered unique (no),
  constraint runs_are_counted_from_one check (run_no > 0),
  constraint reconciliation_seal_is_sha256 check (octet_length(seal) = 32)
);
select core.local_table('accounts.reconciliations');

-- What both sides say of one direction.
create table accounts.reconciliation_lines (
  reconciled_on date not null,
  run_no int not null,
  direction text not null,
  our_count int not null,
  our_fen bigint not null,
  their_count int not null,
  their_fen bigint not null,
  primary key (reconciled_on, run_no, direction),
  foreign key (reconciled_on, run_no) references accounts.reconciliations (reconciled_on, run_no)
    deferrable initially deferred
);
select core.local_table('accounts.reconciliation_lines');

-- What one side has and the other has not, or has otherwise: an item of work for the desk.
create table accounts.differences (
  id uuid primary key,
  reconciled_on date not null,
  direction text not null,
  reference text not null collate "C",
  line_no int not null,
  our_fen bigint,
  their_fen bigint,
  business_id uuid,
  state text not null default 'open',
  claimed_by uuid,
  explanation text,
  resolution text,
  resolved_by uuid,
  resolved_at timestamptz,
  version int not null default 1,
  found_at timestamptz not null,
  constraint sides_really_differ check (our_fen is distinct from their_fen),
  constraint difference_state_is_known check (state in ('open', 'claimed', 'resolved')),
  constraint a_claim_has_its_person check ((state = 'claimed') <= (claimed_by is not null)),
  constraint nothing_is_resolved_silently
    check ((state = 'resolved') = (resolution is not null and resolved_at is not null)),
  constraint resolution_is_known check (resolution in ('agrees', 'explained')),
  constraint an_explanation_is_somebodys_word
    check (resolution <> 'explained' or (explanation <> '' and resolved_by is not null))
);
create unique index one_open_item_per_difference
  on accounts.differences (reconciled_on, direction, reference, line_no) where state <> 'resolved';
create index differences_of_a_date on accounts.differences (reconciled_on);
create index differences_newest on accounts.differences (found_at desc, id desc);
select core.local_table('accounts.differences');

revoke all on accounts.reconciliations, accounts.reconciliation_lines, accounts.differences
  from app;
revoke update, delete on accounts.reconciliations, accounts.reconciliation_lines from worker;
revoke delete on accounts.differences from worker;
grant select on accounts.reconciliations, accounts.reconciliation_lines, accounts.differences
  to desk;
grant update on accounts.differences to desk;
create trigger reconciliations_are_append_only before update or delete
  on accounts.reconciliations for each row execute function core.refuse_change();
create trigger reconciliation_lines_are_append_only before update or delete
  on accounts.reconciliation_lines for each row execute function core.refuse_change();

create function accounts.guard_difference() returns trigger language plpgsql as $$
begin
  if old.state = 'resolved' then
    raise exception 'the difference is resolved' using errcode = 'XW002';
  end if;
  if (new.id, new.reconciled_on, new.direction, new.reference, new.line_no, new.our_fen,
      new.their_fen, new.found_at)
     is distinct from
     (old.id, old.reconciled_on, old.direction, old.reference, old.line_no, old.our_fen,
      old.their_fen, old.found_at) then
    raise exception 'what was found stays as it was found' using errcode = 'XW002';
  end if;
  return new;
end $$;
create trigger what_was_found_stays before update on accounts.differences
  for each row execute function accounts.guard_difference();

-- The seal of a comparison: over its figures and lines, and the seal of the comparison before it.
create function accounts.reconciliation_seal(p_no bigint, p_on date, p_run int, p_opening bigint,
                                             p_closing bigint, p_differences int)
  returns bytea language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(concat_ws('|', p_no, p_on, p_run, p_opening, p_closing, p_differences,
    (select string_agg(concat_ws(',', l.direction, l.our_count, l.our_fen, l.their_count,
                                 l.their_fen), ';' order by l.direction)
     from accounts.reconciliation_lines l
     where l.reconciled_on = p_on and l.run_no = p_run),
    (select encode(r.seal, 'hex') from accounts.reconciliations r where r.no = p_no - 1)),
    'UTF8'))
$$;

-- migrate:down
-- forward only

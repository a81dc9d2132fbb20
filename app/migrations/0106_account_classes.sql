-- migrate:up
-- Classes of accounts with their terms, and the simplified opening.

insert into accounts.policies (kind, valid, value, source) values
  ('opening.classes', '[2018-01-01,)',
   '{"temporary_months_most": 24,
     "simplified_types": ["limited_company", "sole_proprietorship", "partnership",
                          "individual_household", "farmers_cooperative"],
     "simplified_capital_most_fen": 1000000000,
     "simplified_bounds": {"single_fen": 5000000, "daily_fen": 10000000}}',
   '人民币银行结算账户管理办法 (Order [2003] 5) Art. 14: at most two years with extension; 银发〔2021〕260号: simplified opening for small firms, amounts are bank policy (single 50,000, daily 100,000)');

alter table onboarding.applications
  add column opening text not null default 'full',
  add column terms jsonb not null default '{}',
  add column risk_version text,
  add column device_mark bytea,
  add constraint opening_is_known check (opening in ('full', 'simplified')),
  add constraint simplified_is_for_basic_accounts
    check (opening = 'full' or account_class = 'basic'),
  drop constraint application_route_is_known,
  add constraint application_route_is_known
    check (route in ('straight_through', 'one_reviewer', 'two_reviewers', 'branch'));

alter table onboarding.application_documents
  drop constraint document_kind_is_known,
  add constraint document_kind_is_known check (kind ~ '^[a-z_]{3,40}$');

-- migrate:down
-- forward only

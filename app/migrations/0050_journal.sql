-- migrate:up
-- The firm's own books: chart, periods, vouchers and lines, month totals kept by the database.

create schema bookkeeping;
grant usage on schema bookkeeping to app, worker, desk, nightly, verify;

-- 财会〔2011〕17号 小企业会计准则 附录, accounts 1-66; details by 财会〔2016〕22号 (2221) and the
-- sub-lines of 会小企02.
create table bookkeeping.standard_accounts (
  code text primary key,
  name text not null,
  name_en text not null,
  parent text references bookkeeping.standard_accounts (code),
  normal text not null,
  category text not null
);
select core.reference_table('bookkeeping.standard_accounts');
insert into bookkeeping.standard_accounts (code, name, name_en, parent, normal, category) values
  ('1001', '库存现金', 'Cash on hand', null, 'debit', 'asset'),
  ('1002', '银行存款', 'Bank deposits', null, 'debit', 'asset'),
  ('1012', '其他货币资金', 'Other monetary funds', null, 'debit', 'asset'),
  ('1101', '短期投资', 'Short-term investments', null, 'debit', 'asset'),
  ('1121', '应收票据', 'Notes receivable', null, 'debit', 'asset'),
  ('1122', '应收账款', 'Accounts receivable', null, 'debit', 'asset'),
  ('1123', '预付账款', 'Prepayments', null, 'debit', 'asset'),
  ('1131', '应收股利', 'Dividends receivable', null, 'debit', 'asset'),
  ('1132', '应收利息', 'Interest receivable', null, 'debit', 'asset'),
  ('1221', '其他应收款', 'Other receivables', null, 'debit', 'asset'),
  ('1401', '材料采购', 'Materials purchased (planned cost)', null, 'debit', 'asset'),
  ('1402', '在途物资', 'Goods in transit', null, 'debit', 'asset'),
  ('1403', '原材料', 'Raw materials', null, 'debit', 'asset'),
  ('1404', '材料成本差异', 'Material cost variance', null, 'debit', 'asset'),
  ('1405', '库存商品', 'Finished goods / merchandise', null, 'debit', 'asset'),
  ('1407', '商品进销差价', 'Mark-up on merchandise', null, 'credit', 'asset'),
  ('1408', '委托加工物资', 'Materials on consignment processing', null, 'debit', 'asset'),
  ('1411', '周转材料', 'Revolving materials', null, 'debit', 'asset'),
  ('1421', '消耗性生物资产', 'Consumable biological assets', null, 'debit', 'asset'),
  ('1501', '长期债券投资', 'Long-term bond investments', null, 'debit', 'asset'),
  ('1511', '长期股权投资', 'Long-term equity investments', null, 'debit', 'asset'),
  ('1601', '固定资产', 'Fixed assets (original cost)', null, 'debit', 'asset'),
  ('1602', '累计折旧', 'Accumulated depreciation', null, 'credit', 'asset'),
  ('1604', '在建工程', 'Construction in progress', null, 'debit', 'asset'),
  ('1605', '工程物资', 'Construction materials', null, 'debit', 'asset'),
  ('1606', '固定资产清理', 'Disposal of fixed assets', null, 'debit', 'asset'),
  ('1621', '生产性生物资产', 'Productive biological assets', null, 'debit', 'asset'),
  ('1622', '生产性生物资产累计折旧', 'Accum. depreciation of productive biological assets', null, 'credit', 'asset'),
  ('1701', '无形资产', 'Intangible assets', null, 'debit', 'asset'),
  ('1702', '累计摊销', 'Accumulated amortisation', null, 'credit', 'asset'),
  ('1801', '长期待摊费用', 'Long-term deferred expenses', null, 'debit', 'asset'),
  ('1901', '待处理财产损溢', 'Property gains/losses pending disposal', null, 'debit', 'asset'),
  ('2001', '短期借款', 'Short-term loans', null, 'credit', 'liability'),
  ('2201', '应付票据', 'Notes payable', null, 'credit', 'liability'),
  ('2202', '应付账款', 'Accounts payable', null, 'credit', 'liability'),
  ('2203', '预收账款', 'Advances from customers', null, 'credit', 'liability'),
  ('2211', '应付职工薪酬', 'Employee compensation payable', null, 'credit', 'liability'),
  ('2221', '应交税费', 'Taxes and levies payable', null, 'credit', 'liability'),
  ('2231', '应付利息', 'Interest payable', null, 'credit', 'liability'),
  ('2232', '应付利润', 'Profit payable (distributions)', null, 'credit', 'liability'),
  ('2241', '其他应付款', 'Other payables', null, 'credit', 'liability'),
  ('2401', '递延收益', 'Deferred income', null, 'credit', 'liability'),
  ('2501', '长期借款', 'Long-term loans', null, 'credit', 'liability'),
  ('2701', '长期应付款', 'Long-term payables', null, 'credit', 'liability'),
  ('3001', '实收资本（或股本）', 'Paid-in capital', null, 'credit', 'equity'),
  ('3002', '资本公积', 'Capital reserve', null, 'credit', 'equity'),
  ('3101', '盈余公积', 'Surplus reserve', null, 'credit', 'equity'),
  ('3103', '本年利润', 'Profit for the year', null, 'credit', 'equity'),
  ('3104', '利润分配', 'Profit distribution', null, 'credit', 'equity'),
  ('4001', '生产成本', 'Production cost', null, 'debit', 'cost'),
  ('4101', '制造费用', 'Manufacturing overhead', null, 'debit', 'cost'),
  ('4301', '研发支出', 'R&D expenditure', null, 'debit', 'cost'),
  ('4401', '工程施工', 'Contract work in progress', null, 'debit', 'cost'),
  ('4403', '机械作业', 'Machinery operations', null, 'debit', 'cost'),
  ('5001', '主营业务收入', 'Main operating revenue', null, 'credit', 'pl_income'),
  ('5051', '其他业务收入', 'Other operating revenue', null, 'credit', 'pl_income'),
  ('5111', '投资收益', 'Investment income', null, 'credit', 'pl_income'),
  ('5301', '营业外收入', 'Non-operating income', null, 'credit', 'pl_income'),
  ('5401', '主营业务成本', 'Main operating cost', null, 'debit', 'pl_expense'),
  ('5402', '其他业务成本', 'Other operating cost', null, 'debit', 'pl_expense'),
  ('5403', '税金及附加', 'Taxes and surcharges', null, 'debit', 'pl_expense'),
  ('5601', '销售费用', 'Selling expenses', null, 'debit', 'pl_expense'),
  ('5602', '管理费用', 'Administrative expenses', null, 'debit', 'pl_expense'),
  ('5603', '财务费用', 'Finance expenses', null, 'debit', 'pl_expense'),
  ('5711', '营业外支出', 'Non-operating expenses', null, 'debit', 'pl_expense'),
  ('5801', '所得税费用', 'Income tax expense', null, 'debit', 'pl_expense'),
  ('222101', '应交税费-应交增值税', '', '2221', 'credit', 'liability'),
  ('22210101', '应交税费-应交增值税-进项税额', '', '222101', 'debit', 'liability'),
  ('22210102', '应交税费-应交增值税-销项税额抵减', '', '222101', 'debit', 'liability'),
  ('22210103', '应交税费-应交增值税-已交税金', '', '222101', 'debit', 'liability'),
  ('22210104', '应交税费-应交增值税-转出未交增值税', '', '222101', 'debit', 'liability'),
  ('22210105', '应交税费-应交增值税-减免税款', '', '222101', 'debit', 'liability'),
  ('22210106', '应交税费-应交增值税-出口抵减内销产品应纳税额', '', '222101', 'debit', 'liability'),
  ('22210107', '应交税费-应交增值税-销项税额', '', '222101', 'credit', 'liability'),
  ('22210108', '应交税费-应交增值税-出口退税', '', '222101', 'credit', 'liability'),
  ('22210109', '应交税费-应交增值税-进项税额转出', '', '222101', 'credit', 'liability'),
  ('22210110', '应交税费-应交增值税-转出多交增值税', '', '222101', 'credit', 'liability'),
  ('222102', '应交税费-未交增值税', '', '2221', 'credit', 'liability'),
  ('222103', '应交税费-预交增值税', '', '2221', 'debit', 'liability'),
  ('222104', '应交税费-待抵扣进项税额', '', '2221', 'debit', 'liability'),
  ('222105', '应交税费-待认证进项税额', '', '2221', 'debit', 'liability'),
  ('222106', '应交税费-待转销项税额', '', '2221', 'credit', 'liability'),
  ('222107', '应交税费-简易计税', '', '2221', 'credit', 'liability'),
  ('222108', '应交税费-代扣代交增值税', '', '2221', 'credit', 'liability'),
  ('222109', '应交税费-应交企业所得税', '', '2221', 'credit', 'liability'),
  ('222110', '应交税费-应交个人所得税', '', '2221', 'credit', 'liability'),
  ('222111', '应交税费-应交城市维护建设税', '', '2221', 'credit', 'liability'),
  ('222112', '应交税费-教育费附加', '', '2221', 'credit', 'liability'),
  ('222113', '应交税费-地方教育附加', '', '2221', 'credit', 'liability'),
  ('222114', '应交税费-应交印花税', '', '2221', 'credit', 'liability'),
  ('221101', '应付职工薪酬-工资', '', '2211', 'credit', 'liability'),
  ('221102', '应付职工薪酬-职工福利费', '', '2211', 'credit', 'liability'),
  ('221103', '应付职工薪酬-社会保险费（单位部分）', '', '2211', 'credit', 'liability'),
  ('221104', '应付职工薪酬-住房公积金（单位部分）', '', '2211', 'credit', 'liability'),
  ('221105', '应付职工薪酬-工会经费', '', '2211', 'credit', 'liability'),
  ('221106', '应付职工薪酬-职工教育经费', '', '2211', 'credit', 'liability'),
  ('224101', '其他应付款-代扣社会保险费（个人部分）', '', '2241', 'credit', 'liability'),
  ('224102', '其他应付款-代扣住房公积金（个人部分）', '', '2241', 'credit', 'liability'),
  ('310401', '利润分配-其他转入', '', '3104', 'credit', 'equity'),
  ('310402', '利润分配-提取法定盈余公积', '', '3104', 'credit', 'equity'),
  ('310403', '利润分配-提取任意盈余公积', '', '3104', 'credit', 'equity'),
  ('310404', '利润分配-应付利润', '', '3104', 'credit', 'equity'),
  ('310405', '利润分配-未分配利润', '', '3104', 'credit', 'equity'),
  ('560201', '管理费用-开办费', '', '5602', 'debit', 'pl_expense'),
  ('560202', '管理费用-业务招待费', '', '5602', 'debit', 'pl_expense'),
  ('560203', '管理费用-研究费用', '', '5602', 'debit', 'pl_expense'),
  ('560204', '管理费用-职工薪酬', '', '5602', 'debit', 'pl_expense'),
  ('560205', '管理费用-折旧费', '', '5602', 'debit', 'pl_expense'),
  ('560206', '管理费用-办公费', '', '5602', 'debit', 'pl_expense'),
  ('560207', '管理费用-差旅费', '', '5602', 'debit', 'pl_expense'),
  ('560208', '管理费用-租赁费', '', '5602', 'debit', 'pl_expense'),
  ('560101', '销售费用-商品维修费', '', '5601', 'debit', 'pl_expense'),
  ('560102', '销售费用-广告费和业务宣传费', '', '5601', 'debit', 'pl_expense'),
  ('560103', '销售费用-运输费', '', '5601', 'debit', 'pl_expense'),
  ('560301', '财务费用-利息费用', '', '5603', 'debit', 'pl_expense'),
  ('560302', '财务费用-手续费', '', '5603', 'debit', 'pl_expense'),
  ('560303', '财务费用-汇兑损失', '', '5603', 'debit', 'pl_expense'),
  ('530101', '营业外收入-政府补助', '', '5301', 'credit', 'pl_income'),
  ('571101', '营业外支出-坏账损失', '', '5711', 'debit', 'pl_expense'),
  ('571102', '营业外支出-无法收回的长期债券投资损失', '', '5711', 'debit', 'pl_expense'),
  ('571103', '营业外支出-无法收回的长期股权投资损失', '', '5711', 'debit', 'pl_expense'),
  ('571104', '营业外支出-自然灾害等不可抗力因素造成的损失', '', '5711', 'debit', 'pl_expense'),
  ('571105', '营业外支出-税收滞纳金', '', '5711', 'debit', 'pl_expense'),
  ('540301', '税金及附加-消费税', '', '5403', 'debit', 'pl_expense'),
  ('540302', '税金及附加-城市维护建设税', '', '5403', 'debit', 'pl_expense'),
  ('540303', '税金及附加-资源税', '', '5403', 'debit', 'pl_expense'),
  ('540304', '税金及附加-土地增值税', '', '5403', 'debit', 'pl_expense'),
  ('540305', '税金及附加-城镇土地使用税、房产税、车船税、印花税', '', '5403', 'debit', 'pl_expense'),
  ('540306', '税金及附加-教育费附加、地方教育附加等', '', '5403', 'debit', 'pl_expense');

-- Voucher templates: side, account, figures joined by +, line of the cash flow statement.
create table bookkeeping.templates (
  id text primary key,
  name text not null,
  lines jsonb not null
);
select core.reference_table('bookkeeping.templates');
insert into bookkeeping.templates (id, name, lines) values
  ('CAPITAL', '投资人投入资本',
   '[{"side": "D", "account": "1002", "amount": "amount", "cash_line": 15},
     {"side": "C", "account": "3001", "amount": "amount"}]'),
  ('SALE_GENERAL', '一般纳税人销售（赊销）',
   '[{"side": "D", "account": "1122", "amount": "net+tax"},
     {"side": "C", "account": "5001", "amount": "net"},
     {"side": "C", "account": "22210107", "amount": "tax"}]'),
  ('SALE_SMALL', '小规模销售（赊销，1%）',
   '[{"side": "D", "account": "1122", "amount": "net+tax"},
     {"side": "C", "account": "5001", "amount": "net"},
     {"side": "C", "account": "222101", "amount": "tax"}]'),
  ('SALE_SMALL_EXEMPT', '小规模季末未达起征点，免税转入营业外收入',
   '[{"side": "D", "account": "222101", "amount": "tax"},
     {"side": "C", "account": "5301", "amount": "tax"}]'),
  ('RECEIPT', '收到货款',
   '[{"side": "D", "account": "1002", "amount": "amount", "cash_line": 1},
     {"side": "C", "account": "1122", "amount": "amount"}]'),
  ('PURCHASE_GENERAL', '一般纳税人采购入库（赊购，专票）',
   '[{"side": "D", "account": "1405", "amount": "net"},
     {"side": "D", "account": "22210101", "amount": "tax"},
     {"side": "C", "account": "2202", "amount": "net+tax"}]'),
  ('PURCHASE_SMALL', '小规模采购入库',
   '[{"side": "D", "account": "1405", "amount": "gross"},
     {"side": "C", "account": "2202", "amount": "gross"}]'),
  ('PAYMENT', '支付货款',
   '[{"side": "D", "account": "2202", "amount": "amount"},
     {"side": "C", "account": "1002", "amount": "amount", "cash_line": 3}]'),
  ('COGS', '结转销售成本',
   '[{"side": "D", "account": "5401", "amount": "cost"},
     {"side": "C", "account": "1405", "amount": "cost"}]'),
  ('EXPENSE', '支付办公费（专票）',
   '[{"side": "D", "account": "560206", "amount": "net"},
     {"side": "D", "account": "22210101", "amount": "tax"},
     {"side": "C", "account": "1002", "amount": "net+tax", "cash_line": 6}]'),
  ('SALARY_ACCRUE', '计提工资',
   '[{"side": "D", "account": "560204", "amount": "gross_salary"},
     {"side": "C", "account": "221101", "amount": "gross_salary"}]'),
  ('SOCIAL_ACCRUE', '计提单位社保公积金',
   '[{"side": "D", "account": "560204", "amount": "er_si+er_hf"},
     {"side": "C", "account": "221103", "amount": "er_si"},
     {"side": "C", "account": "221104", "amount": "er_hf"}]'),
  ('SALARY_PAY', '发放工资并代扣',
   '[{"side": "D", "account": "221101", "amount": "ee_si+ee_hf+iit+net_pay"},
     {"side": "C", "account": "224101", "amount": "ee_si"},
     {"side": "C", "account": "224102", "amount": "ee_hf"},
     {"side": "C", "account": "222110", "amount": "iit"},
     {"side": "C", "account": "1002", "amount": "net_pay", "cash_line": 4}]'),
  ('SOCIAL_PAY', '缴纳社保公积金',
   '[{"side": "D", "account": "221103", "amount": "er_si"},
     {"side": "D", "account": "224101", "amount": "ee_si"},
     {"side": "D", "account": "221104", "amount": "er_hf"},
     {"side": "D", "account": "224102", "amount": "ee_hf"},
     {"side": "C", "account": "1002", "amount": "er_si+ee_si+er_hf+ee_hf", "cash_line": 4}]'),
  ('IIT_PAY', '缴纳代扣个税',
   '[{"side": "D", "account": "222110", "amount": "iit"},
     {"side": "C", "account": "1002", "amount": "iit", "cash_line": 5}]'),
  ('VAT_TRANSFER', '月末转出未交增值税',
   '[{"side": "D", "account": "22210104", "amount": "vat_payable"},
     {"side": "C", "account": "222102", "amount": "vat_payable"}]'),
  ('SURTAX_ACCRUE', '计提附加税费',
   '[{"side": "D", "account": "5403", "amount": "urban+edu+local_edu"},
     {"side": "C", "account": "222111", "amount": "urban"},
     {"side": "C", "account": "222112", "amount": "edu"},
     {"side": "C", "account": "222113", "amount": "local_edu"}]'),
  ('TAX_PAY', '缴纳增值税及附加',
   '[{"side": "D", "account": "222102", "amount": "vat"},
     {"side": "D", "account": "222111", "amount": "urban"},
     {"side": "D", "account": "222112", "amount": "edu"},
     {"side": "D", "account": "222113", "amount": "local_edu"},
     {"side": "C", "account": "1002", "amount": "vat+urban+edu+local_edu", "cash_line": 5}]'),
  ('LOAN_DRAW', '取得短期借款',
   '[{"side": "D", "account": "1002", "amount": "principal", "cash_line": 14},
     {"side": "C", "account": "2001", "amount": "principal"}]'),
  ('LOAN_INTEREST_ACCRUE', '计提借款利息',
   '[{"side": "D", "account": "560301", "amount": "interest"},
     {"side": "C", "account": "2231", "amount": "interest"}]'),
  ('LOAN_INTEREST_PAY', '支付借款利息',
   '[{"side": "D", "account": "2231", "amount": "interest"},
     {"side": "C", "account": "1002", "amount": "interest", "cash_line": 17}]'),
  ('LOAN_REPAY', '归还借款本金',
   '[{"side": "D", "account": "2001", "amount": "principal"},
     {"side": "C", "account": "1002", "amount": "principal", "cash_line": 16}]'),
  ('FA_BUY', '购置固定资产',
   '[{"side": "D", "account": "1601", "amount": "net"},
     {"side": "D", "account": "22210101", "amount": "tax"},
     {"side": "C", "account": "1002", "amount": "net+tax", "cash_line": 12}]'),
  ('DEPRECIATION', '计提折旧',
   '[{"side": "D", "account": "560205", "amount": "amount"},
     {"side": "C", "account": "1602", "amount": "amount"}]'),
  ('CIT_ACCRUE', '计提企业所得税',
   '[{"side": "D", "account": "5801", "amount": "amount"},
     {"side": "C", "account": "222109", "amount": "amount"}]'),
  ('APPROPRIATE', '提取法定盈余公积10%',
   '[{"side": "D", "account": "310402", "amount": "amount"},
     {"side": "C", "account": "3101", "amount": "amount"}]'),
  ('DISTRIBUTE', '分配利润',
   '[{"side": "D", "account": "310404", "amount": "amount"},
     {"side": "C", "account": "2232", "amount": "amount"}]'),
  ('BILL_RECEIVE', '收到商业汇票',
   '[{"side": "D", "account": "1121", "amount": "amount"},
     {"side": "C", "account": "1122", "amount": "amount"}]'),
  ('BILL_DISCOUNT', '票据贴现',
   '[{"side": "D", "account": "1002", "amount": "net", "cash_line": 1},
     {"side": "D", "account": "560301", "amount": "discount"},
     {"side": "C", "account": "1121", "amount": "net+discount"}]'),
  ('LOAN_INSTALMENT', '归还借款本息',
   '[{"side": "D", "account": "2001", "amount": "principal"},
     {"side": "D", "account": "560301", "amount": "interest"},
     {"side": "C", "account": "1002", "amount": "principal", "cash_line": 16},
     {"side": "C", "account": "1002", "amount": "interest", "cash_line": 17}]');

create table bookkeeping.accounts (
  business_id uuid not null,
  code text not null,
  name text not null,
  parent text,
  normal text not null,
  category text not null,
  standard boolean not null,
  primary key (business_id, code),
  constraint account_code_is_numeric check (code ~ '^[1-5][0-9]{3,15}$'),
  constraint account_normal_side_is_known check (normal in ('debit', 'credit')),
  constraint account_category_is_known
    check (category in ('asset', 'liability', 'equity', 'cost', 'pl_income', 'pl_expense')),
  constraint a_detail_continues_its_parents_code
    check (parent is null or (starts_with(code, parent) and code <> parent)),
  foreign key (business_id, parent) references bookkeeping.accounts (business_id, code)
);
select core.tenant_table('bookkeeping.accounts');
revoke update on bookkeeping.accounts from app, worker;

-- Customers and suppliers as the books know them: trade names only, never a private person's.
create table bookkeeping.parties (
  business_id uuid not null,
  id uuid not null,
  name text not null,
  primary key (business_id, id),
  constraint a_party_is_entered_once unique (business_id, name)
);
select core.tenant_table('bookkeeping.parties');
revoke update on bookkeeping.parties from app, worker;

-- One row a month; its lock is what makes voucher numbers consecutive without gaps.
create table bookkeeping.periods (
  business_id uuid not null,
  month_on date not null,
  state text not null default 'open',
  last_number int not null default 0,
  closed_at timestamptz,
  closed_by text,
  primary key (business_id, month_on),
  constraint period_starts_on_the_first check (extract(day from month_on) = 1),
  constraint period_state_is_known check (state in ('open', 'closed')),
  constraint a_closed_period_has_its_moment check ((state = 'closed') = (closed_at is not null))
);
create index periods_open on bookkeeping.periods (business_id, month_on) where state = 'open';
select core.tenant_table('bookkeeping.periods');

create table bookkeeping.vouchers (
  business_id uuid not null,
  id uuid not null,
  month_on date not null,
  word text not null default '记',
  number int not null,
  dated_on date not null,
  summary text not null,
  kind text not null,
  template_id text,
  source_event text,
  reverses uuid,
  made_by text not null,
  created_at timestamptz not null,
  created_xid xid8 not null default pg_current_xact_id(),
  primary key (business_id, id),
  constraint voucher_numbers_are_given_once unique (business_id, month_on, word, number),
  constraint one_voucher_per_event unique (business_id, source_event),
  constraint one_reversal_per_voucher unique (business_id, reverses),
  constraint voucher_lies_in_its_month check (month_on = date_trunc('month', dated_on)::date),
  constraint voucher_year_is_sane check (dated_on between '1990-01-01' and '2199-12-31'),
  constraint voucher_number_is_positive check (number > 0),
  constraint voucher_kind_is_known check (kind in ('normal', 'close')),
  foreign key (business_id, month_on) references bookkeeping.periods (business_id, month_on),
  foreign key (business_id, reverses) references bookkeeping.vouchers (business_id, id)
);
create index vouchers_by_date on bookkeeping.vouchers (business_id, dated_on, number);
select core.tenant_table('bookkeeping.vouchers');
revoke update on bookkeeping.vouchers from app, worker;

create table bookkeeping.lines (
  business_id uuid not null,
  voucher_id uuid not null,
  line_no int not null,
  account_code text not null,
  dated_on date not null,
  closing boolean not null,
  debit_fen bigint not null,
  credit_fen bigint not null,
  memo text not null default '',
  party_id uuid not null default '00000000-0000-0000-0000-000000000000',
  cash_line smallint,
  primary key (business_id, voucher_id, line_no),
  constraint a_line_is_debit_or_credit check ((debit_fen = 0) <> (credit_fen = 0)),
  constraint line_amount_is_bounded
    check (abs(debit_fen) <= 1000000000000000 and abs(credit_fen) <= 1000000000000000),
  constraint cash_line_is_on_the_form check (cash_line between 1 and 18 and cash_line not in (7, 13)),
  foreign key (business_id, voucher_id) references bookkeeping.vouchers (business_id, id),
  foreign key (business_id, account_code) references bookkeeping.accounts (business_id, code)
);
create index lines_by_date on bookkeeping.lines (business_id, dated_on)
  include (account_code, debit_fen, credit_fen, closing);
create index lines_by_account on bookkeeping.lines (business_id, account_code, dated_on);
create index lines_of_parties on bookkeeping.lines (business_id, dated_on)
  include (account_code, party_id, debit_fen, credit_fen)
  where party_id <> '00000000-0000-0000-0000-000000000000';
create index lines_of_cash on bookkeeping.lines (business_id, dated_on, cash_line)
  include (debit_fen, credit_fen) where cash_line is not null;
select core.tenant_table('bookkeeping.lines');
revoke update on bookkeeping.lines from app, worker;

-- Month totals by account, and by customer or supplier: what every statement is read from.
create table bookkeeping.month_totals (
  business_id uuid not null,
  month_on date not null,
  account_code text not null,
  closing boolean not null,
  debit_fen bigint not null,
  credit_fen bigint not null,
  primary key (business_id, month_on, account_code, closing)
) with (fillfactor = 70);
select core.tenant_table('bookkeeping.month_totals');
revoke insert, update on bookkeeping.month_totals from app, worker;

create table bookkeeping.party_totals (
  business_id uuid not null,
  month_on date not null,
  account_code text not null,
  party_id uuid not null,
  debit_fen bigint not null,
  credit_fen bigint not null,
  primary key (business_id, month_on, account_code, party_id)
) with (fillfactor = 70);
select core.tenant_table('bookkeeping.party_totals');
revoke insert, update on bookkeeping.party_totals from app, worker;

-- A voucher enters an open month only, none before a closed one, and carries the transaction that
-- made it.
create function bookkeeping.stamp_voucher() returns trigger language plpgsql as $$
begin
  new.created_xid := pg_current_xact_id();
  return new;
end $$;
create trigger voucher_is_stamped before insert on bookkeeping.vouchers
  for each row execute function bookkeeping.stamp_voucher();

create function bookkeeping.guard_period() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from new_vouchers n
             join bookkeeping.periods p on p.business_id = n.business_id and p.month_on >= n.month_on
             where p.state = 'closed') then
    raise exception 'the month is closed' using errcode = 'XW051';
  end if;
  return null;
end $$;
create trigger closed_months_take_no_vouchers after insert on bookkeeping.vouchers
  referencing new table as new_vouchers for each statement
  execute function bookkeeping.guard_period();

-- The balance rule and the totals, in the statement that writes the lines: no line without it.
create function bookkeeping.keep_books() returns trigger language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from (select n.business_id, n.voucher_id, sum(n.debit_fen) as debit,
                        sum(n.credit_fen) as credit, count(*) as lines,
                        min(n.dated_on) as first_on, max(n.dated_on) as last_on,
                        bool_or(n.closing) as closing, bool_and(n.closing) as all_closing
                 from new_lines n group by n.business_id, n.voucher_id) s
    left join bookkeeping.vouchers v on v.business_id = s.business_id and v.id = s.voucher_id
    where v.id is null or v.created_xid <> pg_current_xact_id()
       or s.debit <> s.credit or s.lines < 2
       or s.first_on <> v.dated_on or s.last_on <> v.dated_on
       or s.closing <> (v.kind = 'close') or s.all_closing <> (v.kind = 'close')) then
    raise exception 'debits and credits of a voucher are equal, and written with it'
      using errcode = 'XW050';
  end if;
  insert into bookkeeping.month_totals as t
    (business_id, month_on, account_code, closing, debit_fen, credit_fen)
  select n.business_id, date_trunc('month', n.dated_on)::date, n.account_code, n.closing,
         sum(n.debit_fen), sum(n.credit_fen)
  from new_lines n group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (business_id, month_on, account_code, closing) do update
  set debit_fen = t.debit_fen + excluded.debit_fen,
      credit_fen = t.credit_fen + excluded.credit_fen;
  insert into bookkeeping.party_totals as t
    (business_id, month_on, account_code, party_id, debit_fen, credit_fen)
  select n.business_id, date_trunc('month', n.dated_on)::date, n.account_code, n.party_id,
         sum(n.debit_fen), sum(n.credit_fen)
  from new_lines n where n.party_id <> '00000000-0000-0000-0000-000000000000'
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (business_id, month_on, account_code, party_id) do update
  set debit_fen = t.debit_fen + excluded.debit_fen,
      credit_fen = t.credit_fen + excluded.credit_fen;
  return null;
end $$;
create trigger lines_balance_and_count after insert on bookkeeping.lines
  referencing new table as new_lines for each statement
  execute function bookkeeping.keep_books();

create trigger vouchers_do_not_change before update or delete on bookkeeping.vouchers
  for each row execute function core.refuse_change();
create trigger vouchers_are_never_emptied before truncate on bookkeeping.vouchers
  for each statement execute function core.refuse_change();
create trigger lines_do_not_change before update or delete on bookkeeping.lines
  for each row execute function core.refuse_change();
create trigger lines_are_never_emptied before truncate on bookkeeping.lines
  for each statement execute function core.refuse_change();

-- A closed month stays closed, and its numbers only grow.
create function bookkeeping.keep_period() returns trigger language plpgsql as $$
begin
  if new.last_number < old.last_number or (old.state = 'closed' and new.state = 'open') then
    raise exception 'a month is not opened again and its numbers do not go back'
      using errcode = 'XW052';
  end if;
  return new;
end $$;
create trigger a_closed_month_stays_closed before update on bookkeeping.periods
  for each row execute function bookkeeping.keep_period();
create trigger months_are_never_deleted before delete on bookkeeping.periods
  for each row execute function core.refuse_change();

-- migrate:down
-- forward only

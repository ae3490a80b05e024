-- A store as the program left it at step 0005: assets of two regions in one list. Never edited: it stands for what offices have.
CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
CREATE FUNCTION public.jangkau_next_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.version <> OLD.version + 1 THEN RAISE EXCEPTION 'a change makes the next version'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.jangkau_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_OP || ' of ' || TG_TABLE_NAME || ' is refused'; END $$;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.asset_history (
    asset_id text NOT NULL,
    version integer NOT NULL,
    at text NOT NULL,
    who text NOT NULL,
    action text NOT NULL,
    before text,
    after text NOT NULL,
    note text,
    import_id text,
    change_id text NOT NULL,
    digest text NOT NULL
);
CREATE TABLE public.assets (
    asset_id text NOT NULL,
    kind text NOT NULL,
    name text,
    status text NOT NULL,
    owner text,
    operator text,
    height_m double precision,
    band_mhz double precision,
    reach_m double precision,
    on_fiber boolean,
    installed_on text,
    source text,
    note text,
    geometry public.geometry(Geometry,4326) NOT NULL,
    village_code_entered text,
    struck_out boolean NOT NULL,
    version integer NOT NULL,
    updated_at text NOT NULL,
    updated_by text NOT NULL,
    lon_min double precision NOT NULL,
    lat_min double precision NOT NULL,
    lon_max double precision NOT NULL,
    lat_max double precision NOT NULL,
    needs_check boolean DEFAULT false NOT NULL,
    photos text,
    village_code_bps text,
    village text,
    subdistrict text,
    azimuth_deg double precision
);
CREATE TABLE public.attempts (
    account text NOT NULL,
    failures integer NOT NULL,
    last_at text NOT NULL
);
CREATE TABLE public.counters (
    kind text NOT NULL,
    last integer NOT NULL
);
CREATE TABLE public.evidence (
    evidence_id text NOT NULL,
    village_code_bps text,
    kind text NOT NULL,
    claimed_state text NOT NULL,
    match text NOT NULL,
    given_code text,
    given_village text,
    given_subdistrict text,
    source text,
    date text,
    added_at text NOT NULL,
    added_by text NOT NULL,
    withdrawn_at text,
    withdrawn_by text,
    import_id text,
    withdrawn_import text
);
CREATE TABLE public.figures (
    import_id text NOT NULL,
    village_code_bps text NOT NULL,
    figure text NOT NULL,
    value double precision
);
CREATE TABLE public.imports (
    import_id text NOT NULL,
    at text NOT NULL,
    who text NOT NULL,
    source text NOT NULL,
    note text,
    added integer NOT NULL,
    changed integer NOT NULL,
    unchanged integer NOT NULL,
    taken_back_at text,
    taken_back_by text,
    record text DEFAULT 'assets'::text NOT NULL
);
CREATE TABLE public.journal (
    change_id text NOT NULL,
    at text NOT NULL,
    who text NOT NULL,
    action text NOT NULL,
    note text,
    undoes text,
    result text NOT NULL
);
CREATE VIEW public.layer_cctv AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'cctv'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_fiber_node AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'fiber_node'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_fiber_route AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (public.st_multi(assets.geometry))::public.geometry(MultiLineString,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'fiber_route'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_microcell AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'microcell'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_radio_link AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'radio_link'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_tower AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'tower'::text) AND (NOT assets.struck_out));
CREATE VIEW public.layer_wifi AS
 SELECT assets.asset_id,
    assets.kind,
    assets.name,
    assets.status,
    assets.owner,
    assets.operator,
    assets.height_m,
    assets.band_mhz,
    assets.reach_m,
    assets.azimuth_deg,
    assets.on_fiber,
    assets.installed_on,
    assets.source,
    assets.note,
    assets.version,
    assets.updated_at,
    assets.photos,
    assets.village_code_bps,
    assets.village,
    assets.subdistrict,
    (assets.geometry)::public.geometry(Point,4326) AS geometry
   FROM public.assets
  WHERE ((assets.kind = 'wifi'::text) AND (NOT assets.struck_out));
CREATE TABLE public.mappings (
    name text NOT NULL,
    content text NOT NULL,
    saved_at text NOT NULL,
    saved_by text NOT NULL
);
CREATE TABLE public.run_tables (
    run_id text NOT NULL,
    name text NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE public.runs (
    run_id text NOT NULL,
    name text NOT NULL,
    saved_at text NOT NULL,
    saved_by text NOT NULL,
    parameters text NOT NULL,
    about text NOT NULL
);
CREATE TABLE public.scenarios (
    scenario_id text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    note text,
    assets text NOT NULL,
    struck_out boolean NOT NULL,
    saved_at text NOT NULL,
    saved_by text NOT NULL
);
CREATE TABLE public.sessions (
    token_hash text NOT NULL,
    name text NOT NULL,
    started_at text NOT NULL,
    seen_at text NOT NULL
);
CREATE TABLE public.settings (
    change_id text NOT NULL,
    region text NOT NULL,
    name text NOT NULL,
    at text NOT NULL,
    who text NOT NULL,
    value text
);
CREATE TABLE public.state (
    id integer NOT NULL,
    revision bigint NOT NULL,
    last_at text NOT NULL,
    villages text
);
CREATE TABLE public.users (
    name text NOT NULL,
    role text NOT NULL,
    password_hash text,
    created_at text NOT NULL,
    created_by text NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0005');
INSERT INTO public.asset_history VALUES ('wifi-1', 1, '2026-01-01T00:00:01.000000Z', 'eko', 'add', NULL, '{"asset_id":"wifi-1","kind":"wifi","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.1,-8.1]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, 'c45876090d774daebe1e625ec9537240', '6e11a0919e86f07a7d80d21e');
INSERT INTO public.asset_history VALUES ('menara-1', 1, '2026-01-01T00:00:01.000000Z', 'eko', 'add', NULL, '{"asset_id":"menara-1","kind":"tower","name":"Titik 2","status":"operational","owner":"Diskominfo","operator":null,"height_m":42.0,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.15,-8.12]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, 'c45876090d774daebe1e625ec9537240', '0fbb1c418d13a01bcae3788e');
INSERT INTO public.asset_history VALUES ('rute-1', 1, '2026-01-01T00:00:01.000000Z', 'eko', 'add', NULL, '{"asset_id":"rute-1","kind":"fiber_route","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"LineString\",\"coordinates\":[[112.1,-8.1],[112.2,-8.15]]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, 'c45876090d774daebe1e625ec9537240', 'f9711231b2d45353689c0db6');
INSERT INTO public.asset_history VALUES ('cctv-1', 1, '2026-01-01T00:00:01.000000Z', 'eko', 'add', NULL, '{"asset_id":"cctv-1","kind":"cctv","name":"Titik 4","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.16,-8.1]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, 'c45876090d774daebe1e625ec9537240', '7f94fa6e236d0af57cc462bd');
INSERT INTO public.asset_history VALUES ('laut-1', 1, '2026-01-01T00:00:02.000000Z', 'eko', 'add', NULL, '{"asset_id":"laut-1","kind":"wifi","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[108.0,-10.0]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, 'f8339cc4f3a84553840a837611a4665f', '6e902b2d1f515b4142eecbaf');
INSERT INTO public.asset_history VALUES ('menara-bogor', 1, '2026-01-01T00:00:03.000000Z', 'siti', 'import', NULL, '{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, '6f10c0aea0e14fbb8182d42ad60f978c', '6f10c0aea0e14fbb8182d42ad60f978c', '5948c5bf07a7cfaa41aa5497');
INSERT INTO public.asset_history VALUES ('rute-bogor', 1, '2026-01-01T00:00:03.000000Z', 'siti', 'import', NULL, '{"asset_id":"rute-bogor","kind":"fiber_route","name":"Titik 2","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"LineString\",\"coordinates\":[[106.79,-6.6],[106.81,-6.58]]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, '6f10c0aea0e14fbb8182d42ad60f978c', '6f10c0aea0e14fbb8182d42ad60f978c', '20ef0b84acb8d58dfa099f38');
INSERT INTO public.asset_history VALUES ('wifi-bogor', 1, '2026-01-01T00:00:03.000000Z', 'siti', 'import', NULL, '{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, '6f10c0aea0e14fbb8182d42ad60f978c', '6f10c0aea0e14fbb8182d42ad60f978c', 'c1426dddb8b07fbb2d69c8f9');
INSERT INTO public.asset_history VALUES ('wifi-kab-bogor', 1, '2026-01-01T00:00:03.000000Z', 'siti', 'import', NULL, '{"asset_id":"wifi-kab-bogor","kind":"wifi","name":"Titik 4","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.86,-6.48]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, '6f10c0aea0e14fbb8182d42ad60f978c', '6f10c0aea0e14fbb8182d42ad60f978c', '1128d9d7ca831558cc2deeb1');
INSERT INTO public.asset_history VALUES ('menara-bogor', 2, '2026-01-01T00:00:04.000000Z', 'siti', 'change', '{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', '{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":"dicat ulang","geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', NULL, NULL, '93d0755e8c2e4906b9c7a674fb23b160', 'c80a234f2d65d9ca3877ff71');
INSERT INTO public.asset_history VALUES ('wifi-bogor', 2, '2026-01-01T00:00:05.000000Z', 'siti', 'strike_out', '{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}', '{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":true}', 'tercatat dua kali', NULL, 'b2d3f355b10e4226923b5fdad969668a', '305c4b693f805b6f0ff59859');
INSERT INTO public.assets VALUES ('cctv-1', 'cctv', 'Titik 4', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E61000000AD7A3703D0A5C4033333333333320C0', NULL, false, 1, '2026-01-01T00:00:01.000000Z', 'eko', 112.16, -8.1, 112.16, -8.1, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('laut-1', 'wifi', 'Titik 1', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E61000000000000000005B4000000000000024C0', NULL, false, 1, '2026-01-01T00:00:02.000000Z', 'eko', 108, -10, 108, -10, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('menara-1', 'tower', 'Titik 2', 'operational', 'Diskominfo', NULL, 42, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E61000009A99999999095C403D0AD7A3703D20C0', NULL, false, 1, '2026-01-01T00:00:01.000000Z', 'eko', 112.15, -8.12, 112.15, -8.12, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('menara-bogor', 'tower', 'Titik 1', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'dicat ulang', '0101000020E61000003333333333B35A406666666666661AC0', NULL, false, 2, '2026-01-01T00:00:04.000000Z', 'siti', 106.8, -6.6, 106.8, -6.6, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('rute-1', 'fiber_route', 'Titik 3', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0102000020E6100000020000006666666666065C4033333333333320C0CDCCCCCCCC0C5C40CDCCCCCCCC4C20C0', NULL, false, 1, '2026-01-01T00:00:01.000000Z', 'eko', 112.1, -8.15, 112.2, -8.1, false, NULL, '3505080002', 'Gogodeso', 'Kanigoro', NULL);
INSERT INTO public.assets VALUES ('rute-bogor', 'fiber_route', 'Titik 2', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0102000020E610000002000000C3F5285C8FB25A406666666666661AC0A4703D0AD7B35A4052B81E85EB511AC0', NULL, false, 1, '2026-01-01T00:00:03.000000Z', 'siti', 106.79, -6.6, 106.81, -6.58, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('wifi-1', 'wifi', 'Titik 1', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E61000006666666666065C4033333333333320C0', NULL, false, 1, '2026-01-01T00:00:01.000000Z', 'eko', 112.1, -8.1, 112.1, -8.1, false, NULL, '3505200002', 'Selokajang', 'Srengat', NULL);
INSERT INTO public.assets VALUES ('wifi-bogor', 'wifi', 'Titik 3', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E6100000C3F5285C8FB25A4052B81E85EB511AC0', NULL, true, 2, '2026-01-01T00:00:05.000000Z', 'siti', 106.79, -6.58, 106.79, -6.58, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.assets VALUES ('wifi-kab-bogor', 'wifi', 'Titik 4', 'operational', 'Diskominfo', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0101000020E6100000D7A3703D0AB75A40EC51B81E85EB19C0', NULL, false, 1, '2026-01-01T00:00:03.000000Z', 'siti', 106.86, -6.48, 106.86, -6.48, false, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.imports VALUES ('6f10c0aea0e14fbb8182d42ad60f978c', '2026-01-01T00:00:03.000000Z', 'siti', 'menara_bogor.csv', NULL, 4, 0, 0, NULL, NULL, 'assets');
INSERT INTO public.journal VALUES ('c45876090d774daebe1e625ec9537240', '2026-01-01T00:00:01.000000Z', 'eko', 'add', NULL, NULL, '["wifi-1", "menara-1", "rute-1", "cctv-1"]');
INSERT INTO public.journal VALUES ('f8339cc4f3a84553840a837611a4665f', '2026-01-01T00:00:02.000000Z', 'eko', 'add', NULL, NULL, '["laut-1"]');
INSERT INTO public.journal VALUES ('6f10c0aea0e14fbb8182d42ad60f978c', '2026-01-01T00:00:03.000000Z', 'siti', 'import', NULL, NULL, '{"import_id": "6f10c0aea0e14fbb8182d42ad60f978c", "added": 4, "changed": 0, "unchanged": 0}');
INSERT INTO public.journal VALUES ('93d0755e8c2e4906b9c7a674fb23b160', '2026-01-01T00:00:04.000000Z', 'siti', 'change', NULL, NULL, '{"menara-bogor": 2}');
INSERT INTO public.journal VALUES ('b2d3f355b10e4226923b5fdad969668a', '2026-01-01T00:00:05.000000Z', 'siti', 'strike_out', 'tercatat dua kali', NULL, '{"wifi-bogor": 2}');
INSERT INTO public.journal VALUES ('2bbd467519de40b28e4668e4caf16d3f', '2026-01-01T00:00:07.000000Z', 'adi', 'change_settings', NULL, NULL, 'null');
INSERT INTO public.journal VALUES ('f8402370da8541419ef8a43bb5f23600', '2026-01-01T00:00:08.000000Z', 'adi', 'change_settings', NULL, NULL, 'null');
INSERT INTO public.settings VALUES ('2bbd467519de40b28e4668e4caf16d3f', '3505', 'rule', '2026-01-01T00:00:07.000000Z', 'adi', '"official"');
INSERT INTO public.settings VALUES ('f8402370da8541419ef8a43bb5f23600', '3271', 'rule', '2026-01-01T00:00:08.000000Z', 'adi', '"signal"');
INSERT INTO public.state VALUES (1, 5, '2026-01-01T00:00:08.000000Z', '25583256db6bf8f24790a938312117ab89464e046c3eb7936446ddc8cd367235');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.asset_history
    ADD CONSTRAINT asset_history_change UNIQUE (change_id, asset_id);
ALTER TABLE ONLY public.asset_history
    ADD CONSTRAINT asset_history_pkey PRIMARY KEY (asset_id, version);
ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_pkey PRIMARY KEY (asset_id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (account);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (kind);
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (evidence_id);
ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (import_id, village_code_bps, figure);
ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (import_id);
ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (change_id);
ALTER TABLE ONLY public.mappings
    ADD CONSTRAINT mappings_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.run_tables
    ADD CONSTRAINT run_tables_pkey PRIMARY KEY (run_id, name);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.scenarios
    ADD CONSTRAINT scenarios_pkey PRIMARY KEY (scenario_id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (change_id);
ALTER TABLE ONLY public.state
    ADD CONSTRAINT state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (name);
CREATE INDEX asset_history_at ON public.asset_history USING btree (at);
CREATE INDEX asset_history_import ON public.asset_history USING btree (import_id);
CREATE INDEX assets_bounds ON public.assets USING btree (lon_min, lat_min, lon_max, lat_max);
CREATE INDEX assets_geometry ON public.assets USING gist (geometry);
CREATE INDEX assets_kind_status ON public.assets USING btree (kind, status);
CREATE INDEX assets_name ON public.assets USING btree (name);
CREATE INDEX assets_owner ON public.assets USING btree (owner);
CREATE INDEX assets_subdistrict ON public.assets USING btree (subdistrict);
CREATE INDEX assets_updated ON public.assets USING btree (updated_at);
CREATE INDEX assets_village ON public.assets USING btree (village_code_bps);
CREATE INDEX journal_who_at ON public.journal USING btree (who, at);
CREATE INDEX sessions_name ON public.sessions USING btree (name);
CREATE INDEX settings_region_name ON public.settings USING btree (region, name, at);
CREATE TRIGGER asset_history_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.asset_history FOR EACH STATEMENT EXECUTE FUNCTION public.jangkau_refuse();
CREATE TRIGGER assets_next_version BEFORE UPDATE OF kind, name, status, owner, operator, height_m, band_mhz, reach_m, azimuth_deg, on_fiber, installed_on, source, note, geometry, village_code_entered, needs_check, photos, struck_out, version ON public.assets FOR EACH ROW EXECUTE FUNCTION public.jangkau_next_version();
CREATE TRIGGER assets_no_delete BEFORE DELETE OR TRUNCATE ON public.assets FOR EACH STATEMENT EXECUTE FUNCTION public.jangkau_refuse();
CREATE TRIGGER journal_only_grows BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal FOR EACH STATEMENT EXECUTE FUNCTION public.jangkau_refuse();
ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_line FOREIGN KEY (asset_id, version) REFERENCES public.asset_history(asset_id, version);
ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.imports(import_id);
ALTER TABLE ONLY public.run_tables
    ADD CONSTRAINT run_tables_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(run_id);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_name_fkey FOREIGN KEY (name) REFERENCES public.users(name) ON DELETE CASCADE;

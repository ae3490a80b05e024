-- A store as the program left it at step 0005: assets of two regions in one list. Never edited: it stands for what offices have.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE asset_history (
	asset_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT NOT NULL, 
	note TEXT, 
	import_id TEXT, 
	change_id TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (asset_id, version), 
	CONSTRAINT asset_history_change UNIQUE (change_id, asset_id)
);
INSERT INTO "asset_history" VALUES('wifi-1',1,'2026-01-01T00:00:01.000000Z','eko','add',NULL,'{"asset_id":"wifi-1","kind":"wifi","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.1,-8.1]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'976d3497224c43f88279d620f302de2e','ec41c89c3f67f3de14485121');
INSERT INTO "asset_history" VALUES('menara-1',1,'2026-01-01T00:00:01.000000Z','eko','add',NULL,'{"asset_id":"menara-1","kind":"tower","name":"Titik 2","status":"operational","owner":"Diskominfo","operator":null,"height_m":42.0,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.15,-8.12]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'976d3497224c43f88279d620f302de2e','7754bc9d7a535f7c752d0371');
INSERT INTO "asset_history" VALUES('rute-1',1,'2026-01-01T00:00:01.000000Z','eko','add',NULL,'{"asset_id":"rute-1","kind":"fiber_route","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"LineString\",\"coordinates\":[[112.1,-8.1],[112.2,-8.15]]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'976d3497224c43f88279d620f302de2e','3421db8cdf7bc0860c43930b');
INSERT INTO "asset_history" VALUES('cctv-1',1,'2026-01-01T00:00:01.000000Z','eko','add',NULL,'{"asset_id":"cctv-1","kind":"cctv","name":"Titik 4","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[112.16,-8.1]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'976d3497224c43f88279d620f302de2e','ba15c7f660c2caba572062db');
INSERT INTO "asset_history" VALUES('laut-1',1,'2026-01-01T00:00:02.000000Z','eko','add',NULL,'{"asset_id":"laut-1","kind":"wifi","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[108.0,-10.0]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'1069f1c2c7ac4f2dad0648ed34c4d15f','6ad12057fe5aaf7a626aa559');
INSERT INTO "asset_history" VALUES('menara-bogor',1,'2026-01-01T00:00:03.000000Z','siti','import',NULL,'{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,'cb83e71305cc4593ae2c3304a9aae283','cb83e71305cc4593ae2c3304a9aae283','af675b0745f68699094271ab');
INSERT INTO "asset_history" VALUES('rute-bogor',1,'2026-01-01T00:00:03.000000Z','siti','import',NULL,'{"asset_id":"rute-bogor","kind":"fiber_route","name":"Titik 2","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"LineString\",\"coordinates\":[[106.79,-6.6],[106.81,-6.58]]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,'cb83e71305cc4593ae2c3304a9aae283','cb83e71305cc4593ae2c3304a9aae283','751a84871ea25ecb34214699');
INSERT INTO "asset_history" VALUES('wifi-bogor',1,'2026-01-01T00:00:03.000000Z','siti','import',NULL,'{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,'cb83e71305cc4593ae2c3304a9aae283','cb83e71305cc4593ae2c3304a9aae283','d9fd33409227911c0bdf7687');
INSERT INTO "asset_history" VALUES('wifi-kab-bogor',1,'2026-01-01T00:00:03.000000Z','siti','import',NULL,'{"asset_id":"wifi-kab-bogor","kind":"wifi","name":"Titik 4","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.86,-6.48]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,'cb83e71305cc4593ae2c3304a9aae283','cb83e71305cc4593ae2c3304a9aae283','78a76831912a6e455ed15611');
INSERT INTO "asset_history" VALUES('menara-bogor',2,'2026-01-01T00:00:04.000000Z','siti','change','{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}','{"asset_id":"menara-bogor","kind":"tower","name":"Titik 1","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":"dicat ulang","geometry":"{\"type\":\"Point\",\"coordinates\":[106.8,-6.6]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}',NULL,NULL,'baf2bc3daaed46c6a5ca713944b9bac6','eee59426a57a0a191a568935');
INSERT INTO "asset_history" VALUES('wifi-bogor',2,'2026-01-01T00:00:05.000000Z','siti','strike_out','{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":false}','{"asset_id":"wifi-bogor","kind":"wifi","name":"Titik 3","status":"operational","owner":"Diskominfo","operator":null,"height_m":null,"band_mhz":null,"reach_m":null,"azimuth_deg":null,"on_fiber":null,"installed_on":null,"source":null,"note":null,"geometry":"{\"type\":\"Point\",\"coordinates\":[106.79,-6.58]}","village_code_entered":null,"needs_check":false,"photos":null,"struck_out":true}','tercatat dua kali',NULL,'a8c2540686b646abbc875df706da2471','75091af396005db21eba5dc7');
CREATE TABLE assets (
	asset_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT, 
	status TEXT NOT NULL, 
	owner TEXT, 
	operator TEXT, 
	height_m DOUBLE, 
	band_mhz DOUBLE, 
	reach_m DOUBLE, 
	on_fiber BOOLEAN, 
	installed_on TEXT, 
	source TEXT, 
	note TEXT, 
	geometry BLOB NOT NULL, 
	village_code_entered TEXT, 
	struck_out BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	updated_at TEXT NOT NULL, 
	updated_by TEXT NOT NULL, 
	lon_min DOUBLE NOT NULL, 
	lat_min DOUBLE NOT NULL, 
	lon_max DOUBLE NOT NULL, 
	lat_max DOUBLE NOT NULL, needs_check BOOLEAN DEFAULT 0 NOT NULL, photos TEXT, village_code_bps TEXT, village TEXT, subdistrict TEXT, azimuth_deg DOUBLE, 
	PRIMARY KEY (asset_id), 
	CONSTRAINT assets_line FOREIGN KEY(asset_id, version) REFERENCES asset_history (asset_id, version)
);
INSERT INTO "assets" VALUES('wifi-1','wifi','Titik 1','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'01010000006666666666065C4033333333333320C0',NULL,0,1,'2026-01-01T00:00:01.000000Z','eko',112.1,-8.1,112.1,-8.1,0,NULL,'3505200002','Selokajang','Srengat',NULL);
INSERT INTO "assets" VALUES('menara-1','tower','Titik 2','operational','Diskominfo',NULL,42.0,NULL,NULL,NULL,NULL,NULL,NULL,X'01010000009A99999999095C403D0AD7A3703D20C0',NULL,0,1,'2026-01-01T00:00:01.000000Z','eko',112.15,-8.12,112.15,-8.12,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('rute-1','fiber_route','Titik 3','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'0102000000020000006666666666065C4033333333333320C0CDCCCCCCCC0C5C40CDCCCCCCCC4C20C0',NULL,0,1,'2026-01-01T00:00:01.000000Z','eko',112.1,-8.15,112.2,-8.1,0,NULL,'3505080002','Gogodeso','Kanigoro',NULL);
INSERT INTO "assets" VALUES('cctv-1','cctv','Titik 4','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'01010000000AD7A3703D0A5C4033333333333320C0',NULL,0,1,'2026-01-01T00:00:01.000000Z','eko',112.16,-8.1,112.16,-8.1,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('laut-1','wifi','Titik 1','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'01010000000000000000005B4000000000000024C0',NULL,0,1,'2026-01-01T00:00:02.000000Z','eko',108.0,-10.0,108.0,-10.0,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('menara-bogor','tower','Titik 1','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'dicat ulang',X'01010000003333333333B35A406666666666661AC0',NULL,0,2,'2026-01-01T00:00:04.000000Z','siti',106.8,-6.6,106.8,-6.6,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('rute-bogor','fiber_route','Titik 2','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'010200000002000000C3F5285C8FB25A406666666666661AC0A4703D0AD7B35A4052B81E85EB511AC0',NULL,0,1,'2026-01-01T00:00:03.000000Z','siti',106.79,-6.6,106.81,-6.58,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('wifi-bogor','wifi','Titik 3','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'0101000000C3F5285C8FB25A4052B81E85EB511AC0',NULL,1,2,'2026-01-01T00:00:05.000000Z','siti',106.79,-6.58,106.79,-6.58,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "assets" VALUES('wifi-kab-bogor','wifi','Titik 4','operational','Diskominfo',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'0101000000D7A3703D0AB75A40EC51B81E85EB19C0',NULL,0,1,'2026-01-01T00:00:03.000000Z','siti',106.86,-6.48,106.86,-6.48,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE attempts (
	account TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at TEXT NOT NULL, 
	PRIMARY KEY (account)
);
CREATE TABLE counters (
	kind TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (kind)
);
CREATE TABLE evidence (
	evidence_id TEXT NOT NULL, 
	village_code_bps TEXT, 
	kind TEXT NOT NULL, 
	claimed_state TEXT NOT NULL, 
	"match" TEXT NOT NULL, 
	given_code TEXT, 
	given_village TEXT, 
	given_subdistrict TEXT, 
	source TEXT, 
	date TEXT, 
	added_at TEXT NOT NULL, 
	added_by TEXT NOT NULL, 
	withdrawn_at TEXT, 
	withdrawn_by TEXT, import_id TEXT, withdrawn_import TEXT, 
	PRIMARY KEY (evidence_id)
);
CREATE TABLE figures (
	import_id TEXT NOT NULL, 
	village_code_bps TEXT NOT NULL, 
	figure TEXT NOT NULL, 
	value DOUBLE, 
	PRIMARY KEY (import_id, village_code_bps, figure), 
	FOREIGN KEY(import_id) REFERENCES imports (import_id)
);
CREATE TABLE imports (
	import_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	source TEXT NOT NULL, 
	note TEXT, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	taken_back_at TEXT, 
	taken_back_by TEXT, record TEXT DEFAULT 'assets' NOT NULL, 
	PRIMARY KEY (import_id)
);
INSERT INTO "imports" VALUES('cb83e71305cc4593ae2c3304a9aae283','2026-01-01T00:00:03.000000Z','siti','menara_bogor.csv',NULL,4,0,0,NULL,NULL,'assets');
CREATE TABLE journal (
	change_id TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	note TEXT, 
	undoes TEXT, 
	result TEXT NOT NULL, 
	PRIMARY KEY (change_id)
);
INSERT INTO "journal" VALUES('976d3497224c43f88279d620f302de2e','2026-01-01T00:00:01.000000Z','eko','add',NULL,NULL,'["wifi-1", "menara-1", "rute-1", "cctv-1"]');
INSERT INTO "journal" VALUES('1069f1c2c7ac4f2dad0648ed34c4d15f','2026-01-01T00:00:02.000000Z','eko','add',NULL,NULL,'["laut-1"]');
INSERT INTO "journal" VALUES('cb83e71305cc4593ae2c3304a9aae283','2026-01-01T00:00:03.000000Z','siti','import',NULL,NULL,'{"import_id": "cb83e71305cc4593ae2c3304a9aae283", "added": 4, "changed": 0, "unchanged": 0}');
INSERT INTO "journal" VALUES('baf2bc3daaed46c6a5ca713944b9bac6','2026-01-01T00:00:04.000000Z','siti','change',NULL,NULL,'{"menara-bogor": 2}');
INSERT INTO "journal" VALUES('a8c2540686b646abbc875df706da2471','2026-01-01T00:00:05.000000Z','siti','strike_out','tercatat dua kali',NULL,'{"wifi-bogor": 2}');
INSERT INTO "journal" VALUES('77869d1b2f404774b00e2fe0576c88d2','2026-01-01T00:00:07.000000Z','adi','change_settings',NULL,NULL,'null');
INSERT INTO "journal" VALUES('4c81f89dc95b4d18a516d415a0dd7113','2026-01-01T00:00:08.000000Z','adi','change_settings',NULL,NULL,'null');
CREATE TABLE mappings (
	name TEXT NOT NULL, 
	content TEXT NOT NULL, 
	saved_at TEXT NOT NULL, 
	saved_by TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE run_tables (
	run_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (run_id, name), 
	FOREIGN KEY(run_id) REFERENCES runs (run_id)
);
CREATE TABLE runs (
	run_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	saved_at TEXT NOT NULL, 
	saved_by TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	about TEXT NOT NULL, 
	PRIMARY KEY (run_id)
);
CREATE TABLE scenarios (
	scenario_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	note TEXT, 
	assets TEXT NOT NULL, 
	struck_out BOOLEAN NOT NULL, 
	saved_at TEXT NOT NULL, 
	saved_by TEXT NOT NULL, 
	PRIMARY KEY (scenario_id)
);
CREATE TABLE sessions (
	token_hash TEXT NOT NULL, 
	name TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	PRIMARY KEY (token_hash), 
	FOREIGN KEY(name) REFERENCES users (name) ON DELETE CASCADE
);
CREATE TABLE settings (
	change_id TEXT NOT NULL, 
	region TEXT NOT NULL, 
	name TEXT NOT NULL, 
	at TEXT NOT NULL, 
	who TEXT NOT NULL, 
	value TEXT, 
	PRIMARY KEY (change_id)
);
INSERT INTO "settings" VALUES('77869d1b2f404774b00e2fe0576c88d2','3505','rule','2026-01-01T00:00:07.000000Z','adi','"official"');
INSERT INTO "settings" VALUES('4c81f89dc95b4d18a516d415a0dd7113','3271','rule','2026-01-01T00:00:08.000000Z','adi','"signal"');
CREATE TABLE state (
	id INTEGER NOT NULL, 
	revision BIGINT NOT NULL, 
	last_at TEXT NOT NULL, villages TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "state" VALUES(1,5,'2026-01-01T00:00:08.000000Z','25583256db6bf8f24790a938312117ab89464e046c3eb7936446ddc8cd367235');
CREATE TABLE users (
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT, 
	created_at TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE INDEX journal_who_at ON journal (who, at);
CREATE INDEX asset_history_at ON asset_history (at);
CREATE INDEX asset_history_import ON asset_history (import_id);
CREATE INDEX assets_kind_status ON assets (kind, status);
CREATE INDEX assets_owner ON assets (owner);
CREATE INDEX assets_name ON assets (name);
CREATE INDEX assets_updated ON assets (updated_at);
CREATE INDEX assets_bounds ON assets (lon_min, lat_min, lon_max, lat_max);
CREATE INDEX sessions_name ON sessions (name);
CREATE INDEX assets_village ON assets (village_code_bps);
CREATE INDEX assets_subdistrict ON assets (subdistrict);
CREATE INDEX settings_region_name ON settings (region, name, at);
CREATE TRIGGER asset_history_no_update BEFORE UPDATE ON asset_history BEGIN SELECT RAISE(ABORT, 'asset_history only grows'); END;
CREATE TRIGGER asset_history_no_delete BEFORE DELETE ON asset_history BEGIN SELECT RAISE(ABORT, 'asset_history only grows'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal only grows'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal only grows'); END;
CREATE TRIGGER assets_no_delete BEFORE DELETE ON assets BEGIN SELECT RAISE(ABORT, 'an asset is decommissioned or struck out, never deleted'); END;
CREATE TRIGGER assets_next_version BEFORE UPDATE OF kind, name, status, owner, operator, height_m, band_mhz, reach_m, azimuth_deg, on_fiber, installed_on, source, note, geometry, village_code_entered, needs_check, photos, struck_out, version ON assets WHEN NEW.version <> OLD.version + 1 BEGIN SELECT RAISE(ABORT, 'a change makes the next version'); END;
COMMIT;

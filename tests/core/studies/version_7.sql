-- A study of schema version 7, as the program of that version left it.
PRAGMA application_id = 1397050697;
PRAGMA user_version = 7;
BEGIN TRANSACTION;
CREATE TABLE answers (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        presence TEXT,
        confidence INTEGER,
        laterality TEXT,
        explanation TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (recording_id, reader_id, feature),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "answers" VALUES(1,1,'clonic','yes',87,'left','3.1 Hz – “links”','');
INSERT INTO "answers" VALUES(1,1,'head_turning','no',NULL,NULL,'','');
INSERT INTO "answers" VALUES(1,1,'oral_automatisms',NULL,NULL,NULL,'','');
INSERT INTO "answers" VALUES(1,1,'tonic','no',NULL,NULL,'','');
INSERT INTO "answers" VALUES(1,2,'clonic','no',NULL,NULL,'','');
INSERT INTO "answers" VALUES(1,2,'head_turning','no',NULL,NULL,'','');
INSERT INTO "answers" VALUES(1,2,'tonic','no',NULL,NULL,'','left arm first');
INSERT INTO "answers" VALUES(1,3,'clonic','yes',80,NULL,'','');
INSERT INTO "answers" VALUES(1,3,'tonic','no',60,NULL,'','');
INSERT INTO "answers" VALUES(1,5,'tonic','no',NULL,NULL,'','no posture held');
INSERT INTO "answers" VALUES(2,2,'clonic','no',NULL,NULL,'','nothing seen');
INSERT INTO "answers" VALUES(2,2,'tonic','not_assessable',NULL,NULL,'','');
CREATE TABLE eeg_files (
        recording_id INTEGER NOT NULL REFERENCES recordings (id),
        fingerprint TEXT NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        size INTEGER NOT NULL,
        sync TEXT NOT NULL,
        bad_channels TEXT NOT NULL,
        PRIMARY KEY (recording_id, fingerprint)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "eeg_files" VALUES(1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','piece.bdf','../eeg/piece.bdf',4096,'{"drift":0.0,"offset":40.0,"origin":"","pairs":[]}','["Fp1"]');
INSERT INTO "eeg_files" VALUES(1,'dddddddddddddddddddddddddddddddddddddddd','night ä.edf','../night ä.edf',123456789,'{"drift":1.2e-05,"offset":-3598.25,"origin":"two pairs of marks","pairs":[[3610.0,11.8],[7200.0,3601.8]]}','["EEG T3-REF","EMG \u00e4"]');
CREATE TABLE history (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        operation TEXT NOT NULL,
        subject TEXT NOT NULL,
        recording TEXT NOT NULL,
        reader TEXT,
        feature TEXT,
        old TEXT NOT NULL,
        new TEXT NOT NULL,
        target INTEGER,
        why TEXT NOT NULL DEFAULT '',
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
INSERT INTO "history" VALUES(1,'2026-11-22T12:00:01.713230+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":87,"evidence":[{"end":31.0,"start":12.4},{"end":40,"start":40}],"explanation":"3.1 Hz \u2013 \u201clinks\u201d","feature":"clonic","laterality":"left","presence":"yes"}',NULL,'','a5ac8db91d3fc39ee23c3ed3f0f23e397be6c9adcb6ec13269e99be8ce98ace9','10c056375ebfa01555ad3f2e8f61f7c33014b45c0061f5fe28583e15ca0068c2');
INSERT INTO "history" VALUES(2,'2026-11-22T12:00:01.719578+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"}',NULL,'','10c056375ebfa01555ad3f2e8f61f7c33014b45c0061f5fe28583e15ca0068c2','be9ea66d769008e039a85541261ef9237b588d4b45b79f61e3cf37a859ca01eb');
INSERT INTO "history" VALUES(3,'2026-11-22T12:00:01.723696+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','head_turning','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":"no"}',NULL,'','be9ea66d769008e039a85541261ef9237b588d4b45b79f61e3cf37a859ca01eb','ddede614a06351086e4b9418f27a5c470c102f75e09621706344905f699f667b');
INSERT INTO "history" VALUES(4,'2026-11-22T12:00:01.728003+00:00','Ana','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}',NULL,'','ddede614a06351086e4b9418f27a5c470c102f75e09621706344905f699f667b','73db614aaa8b150cf816e4ef4bafd9f7a1467fe7952780d46204909ff8f8b509');
INSERT INTO "history" VALUES(5,'2026-11-22T12:00:01.734351+00:00','Ana','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}',4,'','73db614aaa8b150cf816e4ef4bafd9f7a1467fe7952780d46204909ff8f8b509','1d639925acb4fadd0d66599bb456704994b77e38d16ae7e9890c77bfe02afa08');
INSERT INTO "history" VALUES(6,'2026-11-22T12:00:01.742884+00:00','Ana','redo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}',4,'','1d639925acb4fadd0d66599bb456704994b77e38d16ae7e9890c77bfe02afa08','5353e550b61d074b6ff99f835a968b4ec33db0c06f12c92c6322ddc5fe2a913a');
INSERT INTO "history" VALUES(7,'2026-11-22T12:00:01.747464+00:00','Ana','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','oral_automatisms','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"oral_automatisms","laterality":null,"presence":null}',4,'','5353e550b61d074b6ff99f835a968b4ec33db0c06f12c92c6322ddc5fe2a913a','e67ca747b9c51ef2a2dfe4eb2ab17e1cc1525d05e0da5d64d5b16908bdeece2c');
INSERT INTO "history" VALUES(8,'2026-11-22T12:00:01.748843+00:00','Ana','edit','patient_box','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','[0.1,0.2,0.5,0.9]',NULL,'','e67ca747b9c51ef2a2dfe4eb2ab17e1cc1525d05e0da5d64d5b16908bdeece2c','407f2c52deac20bebdc4e221d4b93c4ec926e9c802532688e09099f31a76c976');
INSERT INTO "history" VALUES(9,'2026-11-22T12:00:01.749665+00:00','Bo','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":60,"evidence":[{"end":2,"start":1}],"explanation":"","feature":"tonic","laterality":null,"presence":"yes"}',NULL,'','407f2c52deac20bebdc4e221d4b93c4ec926e9c802532688e09099f31a76c976','1321aed01cdb8ea1e63bc8f642db43345815639b25e75c13afdfb984aa7d10d9');
INSERT INTO "history" VALUES(10,'2026-11-22T12:00:01.750511+00:00','Bo','edit','answer','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','tonic','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"not_assessable"}',NULL,'','1321aed01cdb8ea1e63bc8f642db43345815639b25e75c13afdfb984aa7d10d9','78417a089774a2d64bb0bde872f7e8d231731059d0f5c8a7240106aa00aab0c9');
INSERT INTO "history" VALUES(11,'2026-11-22T12:00:01.759435+00:00','Ana','reading_kept','reading','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["signal","signal","1",{"rules":"a"}]',NULL,'[]','[{"confidence":60,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"},{"confidence":80,"evidence":[{"end":30,"start":13}],"explanation":"","feature":"clonic","laterality":null,"presence":"yes"}]',NULL,'','78417a089774a2d64bb0bde872f7e8d231731059d0f5c8a7240106aa00aab0c9','6a485956c8d6386718fd418a4a50d8c5ae2cb741c8261c3f18d78209c21df212');
INSERT INTO "history" VALUES(12,'2026-11-22T12:23:58.883933+00:00','Bo','edit','person','','["person","Chlo\u00eb"]',NULL,'null','"Chlo\u00eb"',NULL,'','6a485956c8d6386718fd418a4a50d8c5ae2cb741c8261c3f18d78209c21df212','a9ae74b32ca5a71e062fc7faa6b8050dc537be170f66d6a1b61cd7f38a48805b');
INSERT INTO "history" VALUES(13,'2026-11-22T12:23:58.891789+00:00','Bo','edit','note','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','tonic','""','"left arm first"',NULL,'seen twice','a9ae74b32ca5a71e062fc7faa6b8050dc537be170f66d6a1b61cd7f38a48805b','9607a992aec60433ba69dec1930d90943420e9b7098524d92aa9b6eb39448130');
INSERT INTO "history" VALUES(14,'2026-11-22T12:23:58.895508+00:00','Bo','edit','mark','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]',NULL,'null','{"kind":"onset","label":"","seconds":3.0}',NULL,'','9607a992aec60433ba69dec1930d90943420e9b7098524d92aa9b6eb39448130','0b0058afc0bbe8548051f145bba01b205d8be7008286ac21eeadec7925b64e7b');
INSERT INTO "history" VALUES(15,'2026-11-22T12:23:58.899384+00:00','Bo','edit','mark','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]',NULL,'null','{"kind":"phase","label":"tonic","seconds":5.0}',NULL,'','0b0058afc0bbe8548051f145bba01b205d8be7008286ac21eeadec7925b64e7b','10d3c490c3c6eb2ec44b3b8cd48e5cceaf3f017d8e7f2e5a349855b063a9729f');
INSERT INTO "history" VALUES(16,'2026-11-22T12:23:58.901457+00:00','Bo','edit','mark','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]',NULL,'{"kind":"onset","label":"","seconds":3.0}','{"kind":"onset","label":"","seconds":3.5}',NULL,'','10d3c490c3c6eb2ec44b3b8cd48e5cceaf3f017d8e7f2e5a349855b063a9729f','6409953f831e87dc3442c46f78f4265e37c590f3fc0e7f9fae8297055d43d3a6');
INSERT INTO "history" VALUES(17,'2026-11-22T12:23:58.903724+00:00','Bo','edit','lock','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]',NULL,'null','{"answers":[{"confidence":60,"evidence":[{"end":2.0,"start":1.0}],"explanation":"","feature":"tonic","laterality":null,"presence":"yes"}],"blind":false,"marks":[{"kind":"onset","label":"","seconds":3.5},{"kind":"phase","label":"tonic","seconds":5.0}],"notes":{"tonic":"left arm first"}}',NULL,'','6409953f831e87dc3442c46f78f4265e37c590f3fc0e7f9fae8297055d43d3a6','38298ff8fdfe40d9467be2b66a76b63180afe399dfbb4fe14b37ec38cc15bc60');
INSERT INTO "history" VALUES(18,'2026-11-22T12:23:58.905114+00:00','Bo','revealed','reveal','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]',NULL,'null','["[\"person\",\"Ana\"]","[\"signal\",\"signal\",\"1\",{\"rules\":\"a\"}]"]',NULL,'','38298ff8fdfe40d9467be2b66a76b63180afe399dfbb4fe14b37ec38cc15bc60','32b9550d09eadde0157e3de7ba50a5ae1d0eae88d17f8d780ac0008c68ee9122');
INSERT INTO "history" VALUES(19,'2026-11-22T12:23:58.908573+00:00','Bo','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','tonic','{"confidence":60,"evidence":[{"end":2,"start":1}],"explanation":"","feature":"tonic","laterality":null,"presence":"yes"}','{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"}',NULL,'','32b9550d09eadde0157e3de7ba50a5ae1d0eae88d17f8d780ac0008c68ee9122','68be3f22470cd74187cd9a32b521b2f1a51cefc64ae77edea8bbe449a3a811cd');
INSERT INTO "history" VALUES(20,'2026-11-22T12:23:58.911213+00:00','Bo','edit','decision','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Consensus"]','tonic','{"answer":{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":null},"note":""}','{"answer":{"confidence":null,"evidence":[],"explanation":"","feature":"tonic","laterality":null,"presence":"no"},"note":"no posture held"}',NULL,'','68be3f22470cd74187cd9a32b521b2f1a51cefc64ae77edea8bbe449a3a811cd','c88227d8bc6b782900cde82dd0eaef5be4b2b52d36b714a21c554ac721a3e187');
INSERT INTO "history" VALUES(21,'2026-11-22T12:23:58.913029+00:00','Bo','edit','rating','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["signal","signal","1",{"rules":"a"}]','clonic','null','{"note":"right arm too","rater":"[\"person\",\"Chlo\\u00eb\"]","score":4}',NULL,'','c88227d8bc6b782900cde82dd0eaef5be4b2b52d36b714a21c554ac721a3e187','e9c8ddbb58ed1b4690b31a1959ac046c5cff9144d75ef06ac74f8e4014ae69e5');
INSERT INTO "history" VALUES(22,'2026-11-22T12:23:58.915356+00:00','Bo','edit','person','','["person","Chlo\u00eb"]',NULL,'"Chlo\u00eb"','"Chlo\u00eb R."',NULL,'','e9c8ddbb58ed1b4690b31a1959ac046c5cff9144d75ef06ac74f8e4014ae69e5','a484f049f17bbc7a9d4555abd9ba3b5f329c8d7c8a57322cc955a3ddb9d2265e');
INSERT INTO "history" VALUES(23,'2026-11-22T12:23:58.917869+00:00','Bo','edit','setting','',NULL,'reference','null','"[\"person\",\"Consensus\"]"',NULL,'','a484f049f17bbc7a9d4555abd9ba3b5f329c8d7c8a57322cc955a3ddb9d2265e','ab006b911ed80f93aa70ae164584ea71dccbc4958fba8714dabb2fc2162e30dd');
INSERT INTO "history" VALUES(24,'2026-11-22T12:23:58.920860+00:00','Bo','edit','setting','',NULL,'blind_by_default','true','false',NULL,'','ab006b911ed80f93aa70ae164584ea71dccbc4958fba8714dabb2fc2162e30dd','5066ada0f1e80c52357bbbb5a73d57a0b59f57c1653f55fb4e7753ffe2764ba8');
INSERT INTO "history" VALUES(25,'2026-11-22T12:23:58.921968+00:00','Bo','edit','setting','',NULL,'filter mine','null','"{}"',NULL,'','5066ada0f1e80c52357bbbb5a73d57a0b59f57c1653f55fb4e7753ffe2764ba8','8eeabfe5ef704f7313103fedc47d0dc424a2f22628a8b08a820cfd076974438c');
INSERT INTO "history" VALUES(26,'2026-11-22T12:23:58.923537+00:00','Bo','undo','setting','',NULL,'filter mine','"{}"','null',25,'','8eeabfe5ef704f7313103fedc47d0dc424a2f22628a8b08a820cfd076974438c','3d1e1c93ac069d9c47de179cbabecaff3ee6e1c61e91dcfdea61c273cc72bbb2');
INSERT INTO "history" VALUES(27,'2026-11-22T14:11:52.192432+00:00','Ana','edit','cameras','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','[{"fingerprint":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","name":"ceiling.mp4","offset":3.25,"path":"../ceiling.mp4"}]',NULL,'','3d1e1c93ac069d9c47de179cbabecaff3ee6e1c61e91dcfdea61c273cc72bbb2','9f88bd7368c36326c351e370853d06ca02f54805587fdab6b579c8aa5060b268');
INSERT INTO "history" VALUES(28,'2026-11-22T14:58:36.979448+00:00','Ana','edit','verdict','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','{"confidence":87,"explanation":"3.1 Hz \u2013 \u201clinks\u201d","laterality":"left","presence":"yes"}','{"confidence":50,"explanation":"3.1 Hz \u2013 \u201clinks\u201d","laterality":"left","presence":"yes"}',NULL,'','9f88bd7368c36326c351e370853d06ca02f54805587fdab6b579c8aa5060b268','8b991c9061efefccd7daf382f10cb7fc3fef9c974a75fc4d676a92aa433e3370');
INSERT INTO "history" VALUES(29,'2026-11-22T14:58:36.988016+00:00','Ana','edit','verdict','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','{"confidence":50,"explanation":"3.1 Hz \u2013 \u201clinks\u201d","laterality":"left","presence":"yes"}','{"confidence":87,"explanation":"3.1 Hz \u2013 \u201clinks\u201d","laterality":"left","presence":"yes"}',NULL,'','8b991c9061efefccd7daf382f10cb7fc3fef9c974a75fc4d676a92aa433e3370','d57e91eae01eca889f2d55476257d8954d4378b6c5342f83001ecab01f07f19e');
INSERT INTO "history" VALUES(30,'2026-11-22T14:58:36.990460+00:00','Ana','edit','spans','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','[[40.0,40.0]]','[[41.2,43.0]]',NULL,'too early','d57e91eae01eca889f2d55476257d8954d4378b6c5342f83001ecab01f07f19e','23013946e036f6966a4874123bb498379a1faf7be5ee1e21c8dd12128362d508');
INSERT INTO "history" VALUES(31,'2026-11-22T14:58:36.992918+00:00','Ana','edit','spans','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Ana"]','clonic','[[41.2,43.0]]','[[40.0,40.0]]',NULL,'','23013946e036f6966a4874123bb498379a1faf7be5ee1e21c8dd12128362d508','036bb0fe8c2eaf3a70576e28527a82afcc93d7754b222e5e86c78d98b0e10a00');
INSERT INTO "history" VALUES(32,'2026-11-29T07:47:38.118138+00:00','Bo','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','head_turning','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":"no"}',NULL,'imported from labels.csv','036bb0fe8c2eaf3a70576e28527a82afcc93d7754b222e5e86c78d98b0e10a00','350182999ad617a1c7b2c0a7a6a424e9622e339c11bd4601199cb39d614fd691');
INSERT INTO "history" VALUES(33,'2026-11-29T07:47:38.118433+00:00','Bo','edit','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}',32,'imported from labels.csv','350182999ad617a1c7b2c0a7a6a424e9622e339c11bd4601199cb39d614fd691','1a5a127af14c798abd65f6f1f80c6c88e6f1ec0efc6c48a5221d689d3fc3ee58');
INSERT INTO "history" VALUES(34,'2026-11-29T07:47:38.118537+00:00','Bo','edit','answer','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}',32,'imported from labels.csv','1a5a127af14c798abd65f6f1f80c6c88e6f1ec0efc6c48a5221d689d3fc3ee58','d7ffd005c0974095452722445c01b0c36f6ed2c3b6bb424db79e88fbfc0afe0b');
INSERT INTO "history" VALUES(35,'2026-11-29T07:47:38.118620+00:00','Bo','edit','note','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','""','"nothing seen"',32,'imported from labels.csv','d7ffd005c0974095452722445c01b0c36f6ed2c3b6bb424db79e88fbfc0afe0b','8d06da1579bba229e93740da9793f791f19b09f43cbd69e2df81a3273eef99ec');
INSERT INTO "history" VALUES(36,'2026-11-29T07:47:38.143458+00:00','Bo','undo','note','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','"nothing seen"','""',35,'','8d06da1579bba229e93740da9793f791f19b09f43cbd69e2df81a3273eef99ec','5f85fb1ff762e24c555eacf0f131aae1ae7ca2335b0dd7694ec2b94c907556c6');
INSERT INTO "history" VALUES(37,'2026-11-29T07:47:38.143858+00:00','Bo','undo','answer','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}',34,'','5f85fb1ff762e24c555eacf0f131aae1ae7ca2335b0dd7694ec2b94c907556c6','0c404aafb5ac1f1070aaaca74f5d7bd363c44a510da44df9eaa122fab760bdaf');
INSERT INTO "history" VALUES(38,'2026-11-29T07:47:38.144089+00:00','Bo','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}',33,'','0c404aafb5ac1f1070aaaca74f5d7bd363c44a510da44df9eaa122fab760bdaf','45d1eeef3e0017f45b6ac8619f774f2da572fd9fa4890712b32ce88ac60f676e');
INSERT INTO "history" VALUES(39,'2026-11-29T07:47:38.144273+00:00','Bo','undo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','head_turning','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":"no"}','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":null}',32,'','45d1eeef3e0017f45b6ac8619f774f2da572fd9fa4890712b32ce88ac60f676e','4ffd9fa44f578046562198688f6366178e3fe79eb190584187766f1dca5af27f');
INSERT INTO "history" VALUES(40,'2026-11-29T07:47:38.158116+00:00','Bo','redo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','head_turning','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"head_turning","laterality":null,"presence":"no"}',32,'','4ffd9fa44f578046562198688f6366178e3fe79eb190584187766f1dca5af27f','64f14b74b0f13d8f9b28c742bb77deac732ffc74afedc22bbb9b199825c10770');
INSERT INTO "history" VALUES(41,'2026-11-29T07:47:38.158351+00:00','Bo','redo','answer','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}',33,'','64f14b74b0f13d8f9b28c742bb77deac732ffc74afedc22bbb9b199825c10770','50d552070e42f5f1c0c9e883e7209f8a4c5a51ce5ee4b73606ee2719e0d329e3');
INSERT INTO "history" VALUES(42,'2026-11-29T07:47:38.158501+00:00','Bo','redo','answer','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":null}','{"confidence":null,"evidence":[],"explanation":"","feature":"clonic","laterality":null,"presence":"no"}',34,'','50d552070e42f5f1c0c9e883e7209f8a4c5a51ce5ee4b73606ee2719e0d329e3','781e812f3b5fe8f80f7afd1744ebcaf2630e474284c9ad5ec91dadefe8e0ffd3');
INSERT INTO "history" VALUES(43,'2026-11-29T07:47:38.158638+00:00','Bo','redo','note','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','["person","Bo"]','clonic','""','"nothing seen"',35,'','781e812f3b5fe8f80f7afd1744ebcaf2630e474284c9ad5ec91dadefe8e0ffd3','2c0de28d80a7584f1be368ae0ce867b66aa163e63c62e897c4c71e04c13ac1b3');
INSERT INTO "history" VALUES(44,'2026-11-29T10:49:53.075081+00:00','Ana','edit','eeg','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','{"bad_channels":[],"fingerprint":"dddddddddddddddddddddddddddddddddddddddd","name":"night \u00e4.edf","path":"../night \u00e4.edf","size":123456789,"sync":{"drift":0.0,"offset":-3600.5,"origin":"start times of both files","pairs":[]}}',NULL,'','2c0de28d80a7584f1be368ae0ce867b66aa163e63c62e897c4c71e04c13ac1b3','f93583d463192a5fe8804409ebe18469a39e2b4760f651750fa57f4adb47df98');
INSERT INTO "history" VALUES(45,'2026-11-29T10:49:53.094383+00:00','Ana','edit','eeg_sync','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'{"eeg":"dddddddddddddddddddddddddddddddddddddddd","sync":{"drift":0.0,"offset":-3600.5,"origin":"start times of both files","pairs":[]}}','{"eeg":"dddddddddddddddddddddddddddddddddddddddd","sync":{"drift":1.2e-05,"offset":-3598.25,"origin":"two pairs of marks","pairs":[[3610.0,11.8],[7200.0,3601.8]]}}',NULL,'','f93583d463192a5fe8804409ebe18469a39e2b4760f651750fa57f4adb47df98','92abb8fef0e82ddd7b168b07607b56d05d5526eb487535ed89ab47d75e00dc99');
INSERT INTO "history" VALUES(46,'2026-11-29T10:49:53.104686+00:00','Ana','edit','bad_channels','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'{"bad_channels":[],"eeg":"dddddddddddddddddddddddddddddddddddddddd"}','{"bad_channels":["EEG T3-REF","EMG \u00e4"],"eeg":"dddddddddddddddddddddddddddddddddddddddd"}',NULL,'','92abb8fef0e82ddd7b168b07607b56d05d5526eb487535ed89ab47d75e00dc99','991cc94be32323c39d9ea95115fef3fbf80075c969e19bb2a9b772c84325469b');
INSERT INTO "history" VALUES(47,'2026-11-29T10:49:53.110875+00:00','Ana','edit','eeg','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','{"bad_channels":["Fp1"],"fingerprint":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"piece.bdf","path":"../eeg/piece.bdf","size":4096,"sync":{"drift":0.0,"offset":40.0,"origin":"","pairs":[]}}',NULL,'','991cc94be32323c39d9ea95115fef3fbf80075c969e19bb2a9b772c84325469b','bc8a9f2cff1af42fd230759559833a55bce4d9292e932aaca47acf66066fcbd9');
INSERT INTO "history" VALUES(48,'2026-11-29T10:49:53.116240+00:00','Ana','edit','eeg','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',NULL,NULL,'null','{"bad_channels":["Fp1"],"fingerprint":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"piece.bdf","path":"../eeg/piece.bdf","size":4096,"sync":{"drift":0.0,"offset":40.0,"origin":"","pairs":[]}}',NULL,'','bc8a9f2cff1af42fd230759559833a55bce4d9292e932aaca47acf66066fcbd9','b2db3dcd888a62e44042bcdfb0ae9b6c43e8e29bee3ded533b01bd3ad44dd950');
INSERT INTO "history" VALUES(49,'2026-11-29T10:49:53.119949+00:00','Ana','edit','eeg','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',NULL,NULL,'{"bad_channels":["Fp1"],"fingerprint":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"piece.bdf","path":"../eeg/piece.bdf","size":4096,"sync":{"drift":0.0,"offset":40.0,"origin":"","pairs":[]}}','null',NULL,'','b2db3dcd888a62e44042bcdfb0ae9b6c43e8e29bee3ded533b01bd3ad44dd950','78b195b604b414e8dc1980ee28fe01e56ebcfd98a2904d48769166a38bd6c3da');
INSERT INTO "history" VALUES(50,'2026-11-29T21:44:17.510183+00:00','Ana','edit','patient_data','ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',NULL,NULL,'null','{"columns":{"age":"31","ward":"=B"},"diagnosis":"functional","event":"2","patient":"P 7 \u00e4","split":"test"}',NULL,'patients.csv','78b195b604b414e8dc1980ee28fe01e56ebcfd98a2904d48769166a38bd6c3da','7dffdf093ea70744b572d813066679d6fc79b66ef81238e98bd757af838c0258');
INSERT INTO "history" VALUES(51,'2026-11-29T21:44:17.510402+00:00','Ana','edit','patient_data','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',NULL,NULL,'null','{"columns":{},"diagnosis":null,"event":"","patient":"P 7 \u00e4","split":""}',50,'patients.csv','7dffdf093ea70744b572d813066679d6fc79b66ef81238e98bd757af838c0258','dedf432ecec68d41d51b50a8b16017fcd042a65fe129866a4cb518d4bd19f24e');
INSERT INTO "history" VALUES(52,'2026-11-29T21:44:17.537370+00:00','Ana','edit','patient_data','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',NULL,NULL,'{"columns":{},"diagnosis":null,"event":"","patient":"P 7 \u00e4","split":""}','{"columns":{},"diagnosis":"epileptic","event":"","patient":"P 8","split":""}',NULL,'','dedf432ecec68d41d51b50a8b16017fcd042a65fe129866a4cb518d4bd19f24e','fb06fffcd8330104a6b74a2a11d02d12f72a0c39ee276e956ea0d714a35f3353');
INSERT INTO "history" VALUES(53,'2026-11-29T21:44:17.542117+00:00','Ana','undo','patient_data','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',NULL,NULL,'{"columns":{},"diagnosis":"epileptic","event":"","patient":"P 8","split":""}','{"columns":{},"diagnosis":null,"event":"","patient":"P 7 \u00e4","split":""}',52,'','fb06fffcd8330104a6b74a2a11d02d12f72a0c39ee276e956ea0d714a35f3353','478392d82a0ef80e33bf43402692d22847f02ccc0f007002f80637f478fb1f82');
CREATE TABLE marks (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        seconds REAL NOT NULL,
        label TEXT NOT NULL,
        PRIMARY KEY (recording_id, reader_id, kind, seconds, label),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "marks" VALUES(1,2,'onset',3.5,'');
INSERT INTO "marks" VALUES(1,2,'phase',5.0,'tonic');
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('created','2026-11-22T12:00:01.679929+00:00');
INSERT INTO "meta" VALUES('history_hash','478392d82a0ef80e33bf43402692d22847f02ccc0f007002f80637f478fb1f82');
INSERT INTO "meta" VALUES('history_seq','53');
INSERT INTO "meta" VALUES('study_id','ffea5ce663054436b9759d0646355ce1');
CREATE TABLE ratings (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        rater_id INTEGER NOT NULL REFERENCES readers (id),
        score INTEGER NOT NULL,
        note TEXT NOT NULL,
        explanation TEXT NOT NULL,
        PRIMARY KEY (recording_id, reader_id, feature, rater_id),
        FOREIGN KEY (recording_id, reader_id) REFERENCES readings (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "ratings" VALUES(1,3,'clonic',4,4,'right arm too','');
CREATE TABLE readers (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        details TEXT NOT NULL
    ) STRICT;
INSERT INTO "readers" VALUES(1,'["person","Ana"]','person','Ana','1','{}');
INSERT INTO "readers" VALUES(2,'["person","Bo"]','person','Bo','1','{}');
INSERT INTO "readers" VALUES(3,'["signal","signal","1",{"rules":"a"}]','signal','signal','1','{"rules":"a"}');
INSERT INTO "readers" VALUES(4,'["person","Chlo\u00eb"]','person','Chloë R.','1','{}');
INSERT INTO "readers" VALUES(5,'["person","Consensus"]','person','Consensus','1','{}');
CREATE TABLE readings (
        recording_id INTEGER NOT NULL REFERENCES recordings (id),
        reader_id INTEGER NOT NULL REFERENCES readers (id),
        begun TEXT NOT NULL,
        changed TEXT NOT NULL,
        locked TEXT, blind INTEGER, revealed TEXT,
        PRIMARY KEY (recording_id, reader_id)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "readings" VALUES(1,1,'2026-11-22T12:00:01.713230+00:00','2026-11-22T14:58:36.992918+00:00',NULL,0,NULL);
INSERT INTO "readings" VALUES(1,2,'2026-11-22T12:00:01.749665+00:00','2026-11-29T07:47:38.158351+00:00','2026-11-22T12:23:58.903724+00:00',0,'2026-11-22T12:23:58.905114+00:00');
INSERT INTO "readings" VALUES(1,3,'2026-11-22T12:00:01.759435+00:00','2026-11-22T12:00:01.759435+00:00',NULL,0,NULL);
INSERT INTO "readings" VALUES(1,5,'2026-11-22T12:23:58.911213+00:00','2026-11-22T12:23:58.911213+00:00',NULL,NULL,NULL);
INSERT INTO "readings" VALUES(2,2,'2026-11-22T12:00:01.750511+00:00','2026-11-29T07:47:38.158638+00:00',NULL,0,NULL);
CREATE TABLE recordings (
        id INTEGER PRIMARY KEY,
        fingerprint TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        sha256 TEXT,
        duration REAL NOT NULL,
        added TEXT NOT NULL,
        patient_box TEXT
    , cameras TEXT, patient_data TEXT) STRICT;
INSERT INTO "recordings" VALUES(1,'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff','clip.mp4','../clip.mp4','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',60.0,'2026-11-22T12:00:01.700327+00:00','[0.1,0.2,0.5,0.9]','[{"fingerprint":"cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc","name":"ceiling.mp4","offset":3.25,"path":"../ceiling.mp4"}]','{"columns":{"age":"31","ward":"=B"},"diagnosis":"functional","event":"2","patient":"P 7 \u00e4","split":"test"}');
INSERT INTO "recordings" VALUES(2,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','zweite Aufnahme ä.mp4','../sub/zweite Aufnahme ä.mp4',NULL,12.5,'2026-11-22T12:00:01.701669+00:00',NULL,NULL,'{"columns":{},"diagnosis":null,"event":"","patient":"P 7 \u00e4","split":""}');
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "settings" VALUES('blind_by_default','false');
INSERT INTO "settings" VALUES('reference','"[\"person\",\"Consensus\"]"');
CREATE TABLE spans (
        recording_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        feature TEXT NOT NULL,
        begins REAL NOT NULL,
        ends REAL NOT NULL,
        FOREIGN KEY (recording_id, reader_id, feature) REFERENCES answers (recording_id, reader_id, feature)
    ) STRICT;
INSERT INTO "spans" VALUES(1,1,'clonic',12.4,31.0);
INSERT INTO "spans" VALUES(1,3,'clonic',13.0,30.0);
INSERT INTO "spans" VALUES(1,1,'clonic',40.0,40.0);
CREATE INDEX history_of_recording ON history (recording, who, seq);
CREATE TRIGGER history_rows_stay BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE TRIGGER history_rows_keep BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END;
CREATE UNIQUE INDEX person_of_name ON readers (name) WHERE kind = 'person';
CREATE INDEX answers_of_feature ON answers (recording_id, feature, reader_id, presence, laterality);
CREATE INDEX spans_of_answer ON spans (recording_id, reader_id, feature, begins, ends);
COMMIT;

/**
 * What the catalogue finds in each recording, in full: every attack by its detection and with the right peer, and in benign recordings nothing above low
 * but weak suites that are really there. A line that is added here is a finding that somebody has judged.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TEST_NOW } from '../../generator/audit/run-detection-test.js';
import { EventReader } from '../../generator/audit/read-events.js';
import { Detector } from '../../generator/detect/detector.js';
import type { Finding } from '../../generator/detect/finding.js';
import { compileEngine } from '../../generator/engine/compile-engine.js';
import { openSource } from '../../generator/engine/source.js';
import { loadContent } from '../../generator/load/load-content.js';
import { applySettings } from '../../generator/lower/apply-settings.js';
import { lower } from '../../generator/lower/lower.js';
import { LEVELS } from '../../generator/model/level.js';
import { DEFAULT_SETTINGS } from '../../generator/model/settings.js';

/** By recording and detection: the values of each finding's group and its count; of weak algorithms, which every recording has, the peers alone. */
const EXPECTED: Record<string, Record<string, string[]>> = {
  'strongswan/benign': {
    'certificates/revocation-not-checked': ['vpn-gw1 x15'],
    'cryptography/weak-algorithm-negotiated': [
      '192.0.2.21',
      '192.0.2.22',
      '192.0.2.23',
      '192.0.2.24',
      '192.0.2.25',
      '192.0.2.26',
      '192.0.2.27',
      '192.0.2.28',
      '192.0.2.33',
      '192.0.2.34',
      '198.51.100.11',
      '198.51.100.12',
      '198.51.100.13',
      '198.51.100.14',
      '198.51.100.15',
      '198.51.100.16',
      '198.51.100.17',
      '198.51.100.18',
      '198.51.100.31',
      '198.51.100.32',
    ],
    'lifecycle/lifetime-out-of-range': [
      '192.0.2.21 x3',
      '192.0.2.22 x2',
      '192.0.2.23 x3',
      '192.0.2.24 x2',
      '192.0.2.25 x3',
      '192.0.2.26 x3',
      '192.0.2.27 x2',
      '192.0.2.28 x3',
      '198.51.100.11 x3',
      '198.51.100.12 x2',
      '198.51.100.13 x2',
      '198.51.100.14 x3',
      '198.51.100.15 x1',
      '198.51.100.16 x3',
      '198.51.100.17 x3',
      '198.51.100.18 x2',
    ],
  },
  'strongswan/cert-crl-ok': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.51'] },
  'strongswan/cert-crl-unreachable': {
    'certificates/revocation-not-checked': ['vpn-gw1 x6'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.51'],
  },
  'strongswan/cert-ecdsa-ok': {
    'certificates/revocation-not-checked': ['vpn-gw1 x1'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.22'],
  },
  'strongswan/cert-expired': { 'certificates/certificate-expired': ['198.51.100.51 x3'] },
  'strongswan/cert-expired.ss6': { 'certificates/certificate-expired': ['198.51.100.51 x3'] },
  'strongswan/cert-forged': { 'certificates/certificate-not-trusted': ['198.51.100.51 x2'] },
  'strongswan/cert-notyet': { 'certificates/certificate-expired': ['198.51.100.51 x2'] },
  'strongswan/cert-revoked': { 'certificates/certificate-revoked': ['198.51.100.51 x3'] },
  'strongswan/cert-revoked.ss6': { 'certificates/certificate-revoked': ['198.51.100.51 x3'] },
  'strongswan/cert-rsa-ok': {
    'certificates/revocation-not-checked': ['vpn-gw1 x1'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.21'],
  },
  'strongswan/cert-soon': {
    'certificates/revocation-not-checked': ['vpn-gw1 x2'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.51'],
  },
  'strongswan/cert-weak': {
    'certificates/certificate-not-trusted': ['198.51.100.51 x2'],
    'certificates/revocation-not-checked': ['vpn-gw1 x2'],
  },
  'strongswan/dpd': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11', '198.51.100.12'],
    'lifecycle/peer-dead': ['vpn-gw1 x2'],
  },
  'strongswan/dpd-fast': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.11'], 'lifecycle/peer-dead': ['vpn-gw1 x1'] },
  'strongswan/eap-badpw': {
    'authentication/auth-failures-for-one-identity': ['alice x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x15'],
    'authentication/auth-success-after-failures': ['198.51.100.66 x6', 'alice x6'],
    'availability/dos-protection-active': ['vpn-gw1 x29'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.66'],
  },
  'strongswan/eap-ok': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.31', '198.51.100.32'] },
  'strongswan/flood-limit': {
    'availability/dos-protection-active': ['vpn-gw1 x65'],
    'availability/init-flood-distributed': ['vpn-gw1 x80'],
  },
  'strongswan/flood-one': {
    'availability/dos-protection-active': ['vpn-gw1 x117'],
    'availability/init-flood-from-one-peer': ['198.51.100.200 x120'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/half-bin': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/hostile-id': {
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x63'],
    'authentication/auth-success-after-failures': ['198.51.100.66 x13', 'eve.example.net x6'],
    'authentication/identity-spray-from-one-peer': ['198.51.100.66 x46'],
    'authentication/slow-guessing': ['198.51.100.66 x63'],
    'availability/dos-protection-active': ['vpn-gw1 x13'],
    'baseline/handshake-failure-rate': ['vpn-gw1 x63'],
    'certificates/certificate-not-trusted': ['198.51.100.66 x2'],
    'certificates/revocation-not-checked': ['vpn-gw1 x3'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.66'],
    'lifecycle/sa-deleted-immediately': ['198.51.100.66 x31'],
    'lifecycle/tunnel-flapping': ['198.51.100.66 eve.example.net x5'],
  },
  'strongswan/identity-spray': {
    'authentication/identity-spray-from-one-peer': ['198.51.100.66 x8'],
    'availability/dos-protection-active': ['vpn-gw1 x8'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.32'],
  },
  'strongswan/invalid-ke': {},
  'strongswan/invalid-ke.ss6': {},
  'strongswan/malformed': {
    'availability/dos-protection-active': ['vpn-gw1 x1'],
    'integrity/malformed-messages': ['198.51.100.202 x28'],
  },
  'strongswan/malformed.ss6': {
    'availability/dos-protection-active': ['vpn-gw1 x1'],
    'integrity/malformed-messages': ['198.51.100.202 x28'],
  },
  'strongswan/mobike': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.91'],
    'mobility/address-change-burst': ['vpn-gw1/1795500834/x1 x6'],
  },
  'strongswan/mobike.ss6': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.91'],
    'mobility/address-change-burst': ['vpn-gw1/1795501896/x1 x6'],
  },
  'strongswan/natt': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.77'] },
  'strongswan/no-config': { 'authentication/peer-unknown': ['vpn-gw1 x6'] },
  'strongswan/noprop-child': {
    'cryptography/no-proposal-chosen': ['198.51.100.41 x3'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.41'],
  },
  'strongswan/noprop-ike': { 'cryptography/no-proposal-chosen': ['198.51.100.41 x2', '198.51.100.42 x2', '198.51.100.43 x2'] },
  'strongswan/noprop-ike.ss6': {
    'cryptography/no-proposal-chosen': ['198.51.100.41 x2', '198.51.100.42 x2', '198.51.100.43 x2'],
  },
  'strongswan/noprop-ike.verbose': {
    'cryptography/no-proposal-chosen': ['198.51.100.41 x2', '198.51.100.42 x2', '198.51.100.43 x2'],
  },
  'strongswan/psk-brute': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-brute.ikename': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-brute.journal': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-brute.ss6': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-brute.ss6json': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-brute.verbose': {
    'authentication/auth-failures-for-one-identity': ['site9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/psk-ok': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.filelog': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.ikename': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.journal': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.nopid': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.ss6': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.ss6json': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.ss6time': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/psk-ok.verbose': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'strongswan/radius': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.31', '198.51.100.32'] },
  'strongswan/rekey': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11', '198.51.100.12'],
    'lifecycle/lifetime-out-of-range': ['198.51.100.11 x4', '198.51.100.12 x4'],
    'lifecycle/rekey-loop': ['net child_rekeyed vpn-gw1/1795500707/x1 x11', 'net child_rekeyed vpn-gw1/1795500707/x2 x13'],
  },
  'strongswan/rekey.verbose': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11', '198.51.100.12'],
    'lifecycle/lifetime-out-of-range': ['198.51.100.11 x4', '198.51.100.12 x4'],
    'lifecycle/rekey-loop': ['net child_rekeyed vpn-gw1/1795501930/1 x11', 'net child_rekeyed vpn-gw1/1795501930/2 x14'],
  },
  'strongswan/reload': {
    'cryptography/no-proposal-after-config-change': ['vpn-gw1 x2'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/replay': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
    'integrity/malformed-messages': ['198.51.100.11 x30'],
    'integrity/replay-suspected': ['vpn-gw1 198.51.100.11 x56'],
  },
  'strongswan/replay.ss6': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
    'integrity/malformed-messages': ['198.51.100.11 x30'],
    'integrity/replay-suspected': ['vpn-gw1 198.51.100.11 x56'],
  },
  'strongswan/replay.verbose': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
    'integrity/malformed-messages': ['198.51.100.11 x30'],
    'integrity/replay-suspected': ['vpn-gw1 198.51.100.11 x56'],
  },
  'strongswan/scan-ikescan': {
    'availability/scan': ['198.51.100.201 x6'],
    'cryptography/no-proposal-chosen': ['198.51.100.201 x2'],
  },
  'strongswan/slow-guess': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.11'] },
  'strongswan/ts-unacceptable': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.41', '198.51.100.42'],
    'lifecycle/ts-unacceptable': ['198.51.100.41 x2', '198.51.100.42 x2'],
  },
  'strongswan/unique-keep': {
    'authentication/same-identity-from-two-peers': ['dup.example.net x5'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'strongswan/weak-crypto': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.41', '198.51.100.42', '198.51.100.43', '198.51.100.44'],
  },
  'strongswan/weak-crypto.verbose': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.41', '198.51.100.42', '198.51.100.43', '198.51.100.44'],
  },
  'libreswan/benign': {
    'cryptography/weak-algorithm-negotiated': [
      '192.0.2.21',
      '192.0.2.22',
      '192.0.2.23',
      '192.0.2.24',
      '192.0.2.25',
      '192.0.2.26',
      '198.51.100.11',
      '198.51.100.12',
      '198.51.100.13',
      '198.51.100.14',
      '198.51.100.15',
      '198.51.100.16',
    ],
  },
  'libreswan/cert-crl-strict': { 'certificates/revocation-not-checked': ['vpn-gw2 x2'] },
  'libreswan/cert-expired': { 'certificates/certificate-expired': ['198.51.100.51 x3'] },
  'libreswan/cert-expired.lsw5': { 'certificates/certificate-expired': ['198.51.100.51 x3'] },
  'libreswan/cert-forged': { 'certificates/certificate-not-trusted': ['198.51.100.51 x2'] },
  'libreswan/cert-notyet': { 'certificates/certificate-expired': ['198.51.100.51 x2'] },
  'libreswan/cert-ok': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.51'] },
  'libreswan/cert-ok.lsw5': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.51'] },
  'libreswan/cert-soon': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.51'] },
  'libreswan/dpd': {
    'cryptography/weak-algorithm-negotiated': ['site1', 'site2'],
    'lifecycle/peer-dead': ['site1 vpn-gw2 x1', 'site2 vpn-gw2 x1'],
  },
  'libreswan/dpd.lsw5': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11', '198.51.100.12'],
    'lifecycle/peer-dead': ['vpn-gw2 198.51.100.11 x1', 'vpn-gw2 198.51.100.12 x1'],
  },
  'libreswan/flood-default': { 'availability/init-flood-distributed': ['vpn-gw2 x180'] },
  'libreswan/flood-many': {
    'availability/dos-protection-active': ['vpn-gw2 x362'],
    'availability/init-flood-distributed': ['vpn-gw2 x181'],
    'cryptography/weak-algorithm-negotiated': ['site1'],
  },
  'libreswan/flood-many.lsw5': {
    'availability/dos-protection-active': ['vpn-gw2 x181'],
    'availability/init-flood-distributed': ['vpn-gw2 x180'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'libreswan/hostile-id': {
    'authentication/auth-failures-for-one-identity': ['eve.example.net x10'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x60'],
    'authentication/auth-success-after-failures': ['198.51.100.66 x12'],
    'authentication/identity-spray-from-one-peer': ['198.51.100.66 x47'],
    'authentication/slow-guessing': ['198.51.100.66 x60'],
    'baseline/handshake-failure-rate': ['vpn-gw2 x60'],
    'certificates/certificate-not-trusted': ['198.51.100.66 x1'],
    'certificates/certificate-subject-mismatch': ['198.51.100.66 x40'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.66'],
    'lifecycle/sa-deleted-immediately': ['198.51.100.66 x26'],
  },
  'libreswan/hostile-id.logfile': {
    'authentication/auth-failures-for-one-identity': ['eve.example.net x10'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x60'],
    'authentication/auth-success-after-failures': ['198.51.100.66 x12'],
    'authentication/identity-spray-from-one-peer': ['198.51.100.66 x43'],
    'authentication/slow-guessing': ['198.51.100.66 x60'],
    'baseline/handshake-failure-rate': [' x60'],
    'certificates/certificate-not-trusted': ['198.51.100.66 x1'],
    'certificates/certificate-subject-mismatch': ['198.51.100.66 x39'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.66'],
    'lifecycle/sa-deleted-immediately': ['198.51.100.66 x26'],
  },
  'libreswan/id-mismatch': {
    'certificates/certificate-not-trusted': ['198.51.100.64 x2'],
    'certificates/certificate-subject-mismatch': ['198.51.100.61 x4'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.63'],
  },
  'libreswan/initiator': { 'cryptography/weak-algorithm-negotiated': ['site1'] },
  'libreswan/initiator.lsw5': {},
  'libreswan/invalid-ke': {},
  'libreswan/natt': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.77'] },
  'libreswan/natt.lsw5': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.77'] },
  'libreswan/no-config': { 'authentication/peer-unknown': ['vpn-gw2 x6'] },
  'libreswan/no-config.lsw5': { 'authentication/peer-unknown': ['vpn-gw2 x6'] },
  'libreswan/noprop-child': {
    'cryptography/no-proposal-chosen': ['site1 x3'],
    'cryptography/weak-algorithm-negotiated': ['site1'],
  },
  'libreswan/noprop-child-two': {
    'cryptography/no-proposal-chosen': ['site1 x12', 'site2 x6'],
    'cryptography/weak-algorithm-negotiated': ['site1', 'site2'],
    'lifecycle/sa-deleted-immediately': ['site2 x6'],
    'lifecycle/tunnel-flapping': ['site1 site1.example.net x12', 'site2 site2.example.net x12'],
  },
  'libreswan/noprop-child.lsw5': {
    'cryptography/no-proposal-chosen': ['198.51.100.11 x3'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'libreswan/noprop-ike': { 'cryptography/no-proposal-chosen': ['198.51.100.41 x2', '198.51.100.42 x2', '198.51.100.43 x2'] },
  'libreswan/psk-brute': {
    'authentication/auth-failures-for-one-identity': ['rw9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['site1'],
  },
  'libreswan/psk-brute.lsw5': {
    'authentication/auth-failures-for-one-identity': ['rw9.example.net x12'],
    'authentication/auth-failures-from-one-peer': ['198.51.100.66 x12'],
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
  },
  'libreswan/psk-ok': { 'cryptography/weak-algorithm-negotiated': ['site1', 'site2', 'site3'] },
  'libreswan/psk-ok.logfile': { 'cryptography/weak-algorithm-negotiated': ['site1', 'site2', 'site3'] },
  'libreswan/psk-ok.lsw5': { 'cryptography/weak-algorithm-negotiated': ['192.0.2.33', '198.51.100.11', '198.51.100.12'] },
  'libreswan/quick-delete': {
    'cryptography/weak-algorithm-negotiated': ['site1'],
    'lifecycle/sa-deleted-immediately': ['site1 x12'],
    'lifecycle/tunnel-flapping': ['site1 site1.example.net x12'],
  },
  'libreswan/rekey': {
    'cryptography/weak-algorithm-negotiated': ['site1', 'site2'],
    'lifecycle/rekey-loop': ['site2 child_rekeyed vpn-gw2/1795502241/3 x11'],
  },
  'libreswan/rekey-pfs-mismatch': {
    'cryptography/no-proposal-chosen': ['198.51.100.12 x3', 'site1 x2'],
    'cryptography/weak-algorithm-negotiated': ['site1', 'site2'],
  },
  'libreswan/reload': { 'cryptography/weak-algorithm-negotiated': ['site1'] },
  'libreswan/replay': {
    'cryptography/weak-algorithm-negotiated': ['site1'],
    'integrity/malformed-messages': ['198.51.100.11 x10', 'site1 x15'],
    'integrity/replay-suspected': ['site1 vpn-gw2 x50'],
  },
  'libreswan/replay.lsw5': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11'],
    'integrity/malformed-messages': ['198.51.100.11 x25'],
    'integrity/replay-suspected': ['vpn-gw2 198.51.100.11 x26'],
  },
  'libreswan/scan-ikescan': {
    'availability/scan': ['198.51.100.201 x8'],
    'cryptography/no-proposal-chosen': ['198.51.100.201 x2'],
  },
  'libreswan/scan-ikescan.lsw5': {
    'availability/scan': ['198.51.100.201 x8'],
    'cryptography/no-proposal-chosen': ['198.51.100.201 x2'],
  },
  'libreswan/ts-unacceptable': {
    'cryptography/weak-algorithm-negotiated': ['site1', 'site2'],
    'lifecycle/ts-unacceptable': ['site1 x2', 'site2 x2'],
  },
  'libreswan/ts-unacceptable.lsw5': {
    'cryptography/weak-algorithm-negotiated': ['198.51.100.11', '198.51.100.12'],
    'lifecycle/ts-unacceptable': ['198.51.100.11 x2', '198.51.100.12 x2'],
  },
  'libreswan/weak-crypto': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.41', '198.51.100.42', '198.51.100.43'] },
  'libreswan/weak-crypto.lsw5': { 'cryptography/weak-algorithm-negotiated': ['198.51.100.41', '198.51.100.42', '198.51.100.43'] },
};

/** Nobody attacks here, and nothing is wrong but what the lab's configuration is. */
const BENIGN = [
  'strongswan/benign',
  'strongswan/cert-crl-ok',
  'strongswan/cert-ecdsa-ok',
  'strongswan/cert-rsa-ok',
  'strongswan/cert-soon',
  'strongswan/eap-ok',
  'strongswan/natt',
  'libreswan/benign',
  'libreswan/cert-ok',
  'libreswan/cert-ok.lsw5',
  'libreswan/cert-soon',
  'libreswan/natt',
  'libreswan/natt.lsw5',
  ...Object.keys(EXPECTED).filter((name) => name.includes('/psk-ok')),
];

const WEAK = 'cryptography/weak-algorithm-negotiated';
const { pack } = lower(loadContent().documents);
const applied = applySettings(pack, DEFAULT_SETTINGS);
const engine = compileEngine(pack);

async function findingsOf(recording: string): Promise<Finding[]> {
  const logs = ['gateway.log', 'gateway.journal.jsonl', 'gateway.file.log', 'gateway.charon-json.log'];
  const log = logs.map((name) => join('samples', recording, name)).find((path) => existsSync(path))!;
  const detector = new Detector(applied);
  const reader = new EventReader(engine, {
    clock: { now: TEST_NOW, zone: 'UTC' },
    forced: undefined,
    wanted: detector.wanted,
    onEvent: (event) => detector.take(event),
  });
  const source = await openSource(log);
  await reader.parser.parse(source);
  await source.close();
  await reader.parser.finish();
  return detector.finish();
}

function describeAll(findings: Finding[]): Record<string, string[]> {
  const described: Record<string, string[]> = {};
  for (const { detection, group, count } of findings) {
    const values = Object.keys(group)
      .sort()
      .map((key) => group[key]);
    (described[detection] ??= []).push(`${values.join(' ')}${detection === WEAK ? '' : ` x${count}`}`);
  }
  for (const list of Object.values(described)) list.sort();
  return described;
}

describe('what is found in each recording', () => {
  test.each(Object.entries(EXPECTED))('%s', async (recording, expected) => {
    expect(describeAll(await findingsOf(recording))).toEqual(expected);
  });
});

test.each(BENIGN)('%s is benign: nothing above low but weak suites', (recording) => {
  const levels = new Map(pack.detections.map(({ name, level }) => [name, LEVELS.indexOf(level)]));
  const loud = Object.keys(EXPECTED[recording]!).filter((name) => name !== WEAK && levels.get(name)! > LEVELS.indexOf('low'));
  expect(loud).toEqual([]);
});

test('every recording of a daemon is in the table', () => {
  const recorded = ['strongswan', 'libreswan'].flatMap((vendor) =>
    readdirSync(join('samples', vendor)).map((name) => `${vendor}/${name}`),
  );
  expect(Object.keys(EXPECTED).sort()).toEqual(recorded.sort());
});

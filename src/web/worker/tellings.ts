// What the worker says to people by itself, in each language: why it does not do what was wished, and the names of what
// the monitor was seen to do. Left out: the assembler's and the loader's own words, which stay the tools'.

import { causeName } from '../../../isa/causes.ts';
import { inEach, type Told } from '../../../isa/language.ts';
import type { ShadowCounts } from '../../hypervisor/ledger.ts';
import type { SourceError } from '../protocol.ts';

// Refusals.

export const NO_EXIT_SOON: Told = {
  en: 'No exit comes soon.',
  ko: '가까운 스텝 안에 엑시트가 일어나지 않습니다.',
};
export const noSuchExit = (reason: string): Told => ({
  en: `no exit is called ${reason}`,
  ko: `이름이 ${reason}인 엑시트 이유는 없습니다`,
});
export const noSuchPlace = (where: string, guest: string): Told => ({
  en: `${where}: no symbol of ${guest}, and no address`,
  ko: `${where}: 게스트 ${guest}의 심벌도 아니고 주소도 아닙니다`,
});
/** A file that is no guest: the loader's words, after what they are about. */
export const notBootable = (name: string, { message, hint }: Pick<SourceError, 'message' | 'hint'>): Told => {
  const words = hint === undefined ? message : `${message} (${hint})`;
  return { en: `${name} does not boot: ${words}`, ko: `${name} 파일을 부팅할 수 없습니다: ${words}` };
};
/** Something that the machine itself says: its own words, after what they are about. */
export const failed = (message: string): Told => ({ en: message, ko: `실행할 수 없습니다: ${message}` });

// What was seen.

export const cause = (of: bigint): Told => inEach((language) => causeName(of, language));
export const EXIT: Told = { en: 'exit', ko: '엑시트' };
export const TAKES: Told = { en: 'takes', ko: '받는 인터럽트' };
export const WALK: Told = { en: 'walk', ko: '페이지 테이블 순회' };
export const ACCESS_FAULT: Told = { en: 'access fault', ko: '접근 폴트' };
export const shadowEntry = (at: string): Told => ({ en: `shadow entry at ${at}`, ko: `섀도 엔트리 ${at}` });

const COUNTS: Told<Readonly<Record<keyof ShadowCounts, string>>> = {
  en: {
    fills: 'fills',
    prefetched: 'prefetched',
    dropped: 'dropped',
    synced: 'synced',
    outOfSync: 'outOfSync',
    contexts: 'contexts',
    evictions: 'evictions',
  },
  ko: {
    fills: '채움',
    prefetched: '미리 채움',
    dropped: '제거',
    synced: '동기화',
    outOfSync: '동기화 해제',
    contexts: '컨텍스트 생성',
    evictions: '축출',
  },
};
export const shadowCount = (name: keyof ShadowCounts): Told => inEach((language) => COUNTS[language][name]);
export const inShadow = (name: keyof ShadowCounts): Told => ({
  en: `shadow ${COUNTS.en[name]}`,
  ko: `섀도 ${COUNTS.ko[name]}`,
});

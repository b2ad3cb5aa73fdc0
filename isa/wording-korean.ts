// The words of prose.ts and explain.ts in Korean. A clause is a noun (`mode = U`, `… 메모리가 있음`), which gets its ending
// where it stands: 이면, 이고, 이거나. Templates are made so that no particle depends on how a name is pronounced.
// Left out: names, which are the manual's in every language.

import { bracketed, type Wording } from './wording.ts';

const ENDINGS = { if: '면', and: '고', or: '거나' } as const;

/** A clause goes on: of a verb (… 있음, … 없음) by its stem, of a noun by the copula. */
function ending(clause: string, how: keyof typeof ENDINGS): string {
  if (!clause.endsWith(VERB)) return `${clause}이${ENDINGS[how]}`;
  return `${clause.slice(0, -VERB.length)}${how === 'if' ? '으' : ''}${ENDINGS[how]}`;
}
const VERB = '음';

const SIGNED = ' (부호 있음)';
const UNSIGNED = ' (부호 없음)';
const upperHalf = (reading: string) => (a: string, b: string) => `(${a} × ${b})의 상위 절반${reading}`;
const bytesAt = (bytes: number, address: string) => `주소 ${bracketed(address)}의 ${bytes}바이트`;
const joined = (clauses: readonly string[], all: boolean) =>
  clauses
    .map((clause) => (/(고|거나) /.test(clause) ? `(${clause})` : clause))
    .map((clause, index) => (index < clauses.length - 1 ? ending(clause, all ? 'and' : 'or') : clause))
    .join(' ');

export const KOREAN: Wording = {
  names: { pte: 'pte', answer: '답', value: '값', old: '이전값', nextPc: '다음 pc', instruction: '명령어' },
  unary: {
    countLeadingZeros: (a) => `${a}의 맨 앞에 이어진 0의 개수`,
    countTrailingZeros: (a) => `${a}의 맨 뒤에 이어진 0의 개수`,
    populationCount: (a) => `${a}에서 1인 비트의 개수`,
    reverseBytes: (a) => `${a}의 바이트를 거꾸로 늘어놓은 값`,
    orCombineBytes: (a) => `${a}에서 0이 아닌 바이트마다 모든 비트를 1로 바꾼 값`,
  },
  signExtended: (a) => `${a}의 부호 확장`,
  choice: (first, condition, other) => `${ending(condition, 'if')} ${first}, 아니면 ${other}`,
  arithmetic: {
    divide: (a, b) => `${a} ÷ ${b}${SIGNED}`,
    divideUnsigned: (a, b) => `${a} ÷ ${b}${UNSIGNED}`,
    remainder: (a, b) => `(${a} ÷ ${b})의 나머지${SIGNED}`,
    remainderUnsigned: (a, b) => `(${a} ÷ ${b})의 나머지${UNSIGNED}`,
    shiftRightArithmetic: (a, b) => `${a} >> ${b} (산술)`,
    rotateLeft: (a, b) => `${a}의 왼쪽 회전 (회전량 ${b})`,
    rotateRight: (a, b) => `${a}의 오른쪽 회전 (회전량 ${b})`,
    mulHigh: upperHalf(SIGNED),
    mulHighUnsigned: upperHalf(UNSIGNED),
    mulHighSignedUnsigned: upperHalf(' (부호 있음 × 부호 없음)'),
  },
  lowBitsClear: (a, highest) => `${a}의 비트 ${highest === 0 ? '0' : `[${highest}:0]`}만 0으로 바꾼 값`,

  signed: SIGNED,
  unsigned: UNSIGNED,
  isSet: (bit, set) => `${bit} = ${set ? 1 : 0}`,
  saysClear: (clause) => clause.endsWith(' = 0'),
  isMemory: (address, holds) => `주소 ${bracketed(address)}에 메모리가 ${holds ? '있' : '없'}${VERB}`,
  says: (call, yes) => `${call}의 답이 ‘${yes ? '예' : '아니요'}’`,
  raised: (holds) => (holds ? '여기서 예외가 발생했음' : '여기서 예외가 발생하지 않았음'),
  either: (asked, denied, yes, no) => joined([joined([asked, yes], true), joined([denied, no], true)], false),
  joined,

  load: (name, bytes, address) => `${name} ← ${bytesAt(bytes, address)}`,
  loadReserved: (name, bytes, address) => `${name} ← ${bytesAt(bytes, address)}; 그곳을 예약한다`,
  store: (bytes, address, value) => `${bytesAt(bytes, address)} ← ${value}`,
  storeConditional: (name, bytes, address, value) =>
    `주소 ${bracketed(address)}에 예약이 있으면 그곳의 ${bytes}바이트 ← ${value}; ${name} ← 저장했으면 0, 아니면 1; 예약은 끝난다`,
  amo: (name, bytes, address, next) =>
    `${name} ← ${bytesAt(bytes, address)} (부호 확장); 그곳의 ${bytes}바이트 ← ${next}`,
  physical: (address) => `물리 주소 ${bracketed(address)}의 더블워드`,
  float: (name, call, rounding) => `${name} ← ${call}, 반올림 모드 ${rounding}; 플래그는 fcsr에 기록된다`,
  block: {
    zero: (address) => `주소 ${bracketed(address)}의 캐시 블록 ← 0`,
    manage: (address) => `주소 ${bracketed(address)}의 캐시 블록을 메모리와 일치시킨다`,
  },
  wait: '인터럽트를 기다린다',
  fence: {
    instructions: '이전의 저장이 이후의 명령어 인출보다 먼저 반영되게 한다',
    translations: '이전의 저장이 이후의 주소 변환보다 먼저 반영되게 한다',
  },

  sentence: (text) => text,
  if: (clause) => `${ending(clause, 'if')}:`,
  otherwiseIf: (clause) => `그렇지 않고 ${ending(clause, 'if')}:`,
  otherwise: '그렇지 않으면:',
  part: (number) => `제${number}절:`,
  goOn: (number) => `제${number}절로 이어진다.`,
  here: (name, value) => `여기서 ${name} = ${value}.`,
  raise: (cause, tval) => `${cause} 예외를 일으킨다 (tval = ${tval})`,
  pass: (name) => `그 예외(${name})를 그대로 일으킨다`,
  result: (value) => `결과 ← ${value}`,
  nothing: '아무것도 바뀌지 않는다',
};

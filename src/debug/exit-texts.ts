// What the monitor's exits are told in: for each reason, why the guest could not go on by itself and what the monitor
// did, and the sentence that says what trapped, in each language. The reasons' names and the manual's are not translated.

import type { Told } from '../../isa/language.ts';
import type { ExitReason } from '../hypervisor/reason.ts';

interface Reasons {
  /** Why the guest could not go on by itself. */
  readonly why: string;
  readonly did: string;
}
/** What is known of an exit before it is told. */
export interface Trapped {
  /** The instruction, if it could be fetched. */
  readonly text: string | undefined;
  readonly pc: string;
  readonly mode: string;
  readonly cause: string;
  /** The same in the manual's words. */
  readonly manualCause: string;
  /** The trap value, if it says anything. */
  readonly tval: string | undefined;
}

const english: Readonly<Record<ExitReason, Reasons>> = {
  csr: {
    why: 'A control register tells or changes how the machine is set up. The real one is the monitor’s; the guest has one of its own, so the access must not reach the hardware.',
    did: 'It ran the same instruction on the virtual CPU, whose registers it read and wrote.',
  },
  xret: {
    why: 'A return from a trap changes the privilege mode. The guest is in U-mode whatever it believes, so the mode that changes is the virtual one.',
    did: 'It ran the return on the virtual CPU, and chose the shadow page tables of the mode that the guest is now in.',
  },
  wfi: {
    why: 'Waiting would stop the real hart, which other guests share.',
    did: 'It noted that this virtual CPU waits, and gives the hart to whoever has work.',
  },
  fence: {
    why: 'The fence orders address translations, and those that the hardware makes come from shadow tables that the guest does not know.',
    did: 'What the guest has changed in its page tables is true of the shadow now: stores that were seen had their effect when they were made, and pages that it wrote unseen are compared with what was derived from them.',
  },
  'cache-block': {
    why: 'Whether a mode may operate on cache blocks is the guest’s to say, in registers of its own; for real U-mode it is always forbidden.',
    did: 'It ran the operation on the virtual CPU, by the rights that the guest’s registers and page tables give.',
  },
  ecall: {
    why: 'A call enters a higher mode: the guest’s own kernel or firmware, which is virtual.',
    did: 'It entered the trap on the virtual CPU as the hardware would have: cause, address, mode, vector.',
  },
  sbi: {
    why: 'The guest’s kernel called its firmware, and there is none: the platform’s SBI answers.',
    did: 'It carried out the call for this virtual machine alone and returned behind it.',
  },
  mmio: {
    why: 'The address is a device’s. The real machine has no devices: this one is the virtual machine’s.',
    did: 'It ran the load or store on the virtual CPU, with the virtual device at the other end.',
  },
  memory: {
    why: 'The shadow withholds this page, because the guest’s protection covers it in part or another mode’s rights apply.',
    did: 'It ran the access on the virtual CPU, which checks the guest’s own rules.',
  },
  'shadow-fill': {
    why: 'A hidden fault: the guest’s own tables allow the access, and the shadow did not have the translation yet.',
    did: 'It walked the guest’s tables, wrote the translation into the shadow, and the instruction starts again. The guest sees nothing of this, and no step passes.',
  },
  'page-fault': {
    why: 'A true fault: the guest’s own page tables do not allow the access.',
    did: 'It entered the page fault on the virtual CPU: the guest’s kernel takes it as it would on hardware.',
  },
  'page-table-write': {
    why: 'The guest stores to one of its page tables. What the shadow derived from the old entry must go first.',
    did: 'It erased the shadow entries that came from there, then made the store.',
  },
  misaligned: {
    why: 'The address is not a multiple of what the access needs.',
    did: 'It ran the access on the virtual CPU, which decides as the definition says.',
  },
  illegal: {
    why: 'The guest may not run this in its virtual mode, or it is no instruction at all.',
    did: 'It entered the illegal-instruction exception on the virtual CPU.',
  },
  breakpoint: {
    why: 'The guest executed a breakpoint, which is an exception like any other.',
    did: 'It entered the breakpoint exception on the virtual CPU.',
  },
  interrupt: {
    why: 'A virtual device or timer asks for attention, and the virtual CPU has this interrupt enabled.',
    did: 'It entered the interrupt on the virtual CPU before the guest’s next instruction.',
  },
  'other-injected': {
    why: 'The access or fetch fails by the guest’s own rules: nothing is there, or its protection forbids it.',
    did: 'It entered the exception on the virtual CPU.',
  },
};

const korean: Readonly<Record<ExitReason, Reasons>> = {
  csr: {
    why: '제어·상태 레지스터(CSR)는 기계의 설정을 드러내거나 바꿉니다. 실제 레지스터는 모니터의 것이고 게스트에게는 자신의 것이 따로 있으므로, 이 접근이 하드웨어에 닿아서는 안 됩니다.',
    did: '같은 명령어를 가상 CPU에 대해 실행하여, 가상 CPU의 레지스터를 읽고 썼습니다.',
  },
  xret: {
    why: '트랩에서 복귀하는 명령어는 특권 모드를 바꿉니다. 게스트가 어느 모드라고 믿든 실제로는 U 모드에서 실행되므로, 바뀌어야 하는 것은 가상 모드입니다.',
    did: '가상 CPU에 대해 복귀 명령어를 실행하고, 게스트가 새로 들어간 모드에 맞는 섀도 페이지 테이블을 골랐습니다.',
  },
  wfi: {
    why: '여기서 정말로 기다리면 다른 게스트와 나누어 쓰는 실제 하트(hart)가 멈춥니다.',
    did: '이 가상 CPU가 대기 중임을 기록하고, 할 일이 있는 쪽에 하트를 넘겼습니다.',
  },
  fence: {
    why: '이 펜스는 주소 변환의 순서를 정하는데, 하드웨어가 쓰는 변환은 게스트가 알지 못하는 섀도 페이지 테이블에서 나옵니다.',
    did: '게스트가 페이지 테이블에서 바꾼 내용을 섀도에 모두 반영했습니다. 지켜본 저장은 저장할 때 이미 반영했고, 추적하지 않은 페이지는 거기서 만든 섀도 엔트리와 비교했습니다.',
  },
  'cache-block': {
    why: '어느 모드가 캐시 블록을 다룰 수 있는지는 게스트가 자신의 레지스터로 정합니다. 실제 U 모드에서는 언제나 금지되어 있습니다.',
    did: '게스트의 레지스터와 페이지 테이블이 허용하는 권한에 따라 가상 CPU에 대해 연산을 실행했습니다.',
  },
  ecall: {
    why: '환경 호출은 더 높은 특권 모드로 들어갑니다. 그 모드에 있는 것은 게스트 자신의 커널이나 펌웨어이고, 그 모드는 가상입니다.',
    did: '하드웨어와 똑같은 방식으로 가상 CPU를 트랩에 진입시켰습니다. 원인, 복귀 주소, 이전 모드를 저장하고 트랩 벡터로 갔습니다.',
  },
  sbi: {
    why: '게스트의 커널이 펌웨어를 호출했지만 펌웨어가 없으므로, 플랫폼의 SBI가 대신 처리합니다.',
    did: '이 가상 머신에 대해서만 호출을 처리하고, 호출 다음 명령어로 복귀했습니다.',
  },
  mmio: {
    why: '장치의 주소입니다. 실제 기계에는 장치가 없으며, 이 장치는 가상 머신의 것입니다.',
    did: '가상 장치를 상대로 이 적재나 저장을 가상 CPU에 대해 실행했습니다.',
  },
  memory: {
    why: '게스트의 메모리 보호가 이 페이지의 일부에만 걸쳐 있거나 다른 모드의 권한이 적용되므로, 섀도 페이지 테이블이 이 접근을 허용하지 않습니다.',
    did: '게스트 자신의 규칙을 검사하면서 접근을 가상 CPU에 대해 실행했습니다.',
  },
  'shadow-fill': {
    why: '숨은 폴트(hidden fault)입니다. 게스트 자신의 페이지 테이블은 접근을 허용하지만, 섀도에는 아직 그 변환이 없었습니다.',
    did: '게스트의 페이지 테이블을 순회하여 얻은 변환을 섀도에 채웠고, 명령어는 처음부터 다시 실행됩니다. 게스트에게는 보이지 않으며, 스텝도 늘지 않습니다.',
  },
  'page-fault': {
    why: '진짜 폴트(true fault)입니다. 게스트 자신의 페이지 테이블이 접근을 허용하지 않습니다.',
    did: '가상 CPU에 페이지 폴트를 주입했습니다. 게스트의 커널은 하드웨어에서와 똑같이 폴트를 처리합니다.',
  },
  'page-table-write': {
    why: '게스트가 자신의 페이지 테이블에 저장하려 합니다. 이전 엔트리에서 만든 섀도 엔트리부터 없애야 합니다.',
    did: '그 엔트리에서 만든 섀도 엔트리를 지운 다음 저장을 실행했습니다.',
  },
  misaligned: {
    why: '주소가 이 접근에 필요한 크기의 배수로 정렬되어 있지 않습니다.',
    did: '접근을 가상 CPU에 대해 실행했습니다. 결과는 명령어의 정의를 따릅니다.',
  },
  illegal: {
    why: '게스트의 현재 가상 모드에서는 실행할 수 없는 명령어이거나, 아예 명령어가 아닙니다.',
    did: '가상 CPU에 잘못된 명령어 예외를 주입했습니다.',
  },
  breakpoint: {
    why: '게스트가 중단점 명령어를 실행했습니다. 중단점도 다른 예외와 똑같이 처리됩니다.',
    did: '가상 CPU에 중단점 예외를 주입했습니다.',
  },
  interrupt: {
    why: '가상 장치나 타이머가 인터럽트를 요청했고, 가상 CPU는 이 인터럽트를 허용하고 있습니다.',
    did: '게스트의 다음 명령어를 실행하기 전에 가상 CPU에 인터럽트를 주입했습니다.',
  },
  'other-injected': {
    why: '이 접근이나 명령어 인출은 게스트 자신의 규칙에 따라 실패합니다. 그 주소에 아무것도 없거나, 게스트의 메모리 보호가 금지합니다.',
    did: '가상 CPU에 예외를 주입했습니다.',
  },
};

export const REASONS: Told<Readonly<Record<ExitReason, Reasons>>> = { en: english, ko: korean };

/** What trapped, where, and what the hardware reported. */
export const TRAPPED: Told<(trapped: Trapped) => string> = {
  en: ({ text, pc, mode, cause, tval }) => {
    const what = text === undefined ? 'The fetch' : `\`${text}\``;
    return `${what} at ${pc}, in virtual ${mode}, trapped. The hardware reported: ${cause}${tval === undefined ? '' : `, ${tval}`}.`;
  },
  ko: ({ text, pc, mode, cause, manualCause, tval }) => {
    const what = text === undefined ? '명령어 인출이' : `\`${text}\` 명령어가`;
    return `가상 ${mode} 모드의 ${pc}에서 ${what} 트랩을 일으켰습니다. 하드웨어가 보고한 원인: ${cause}(${manualCause})${tval === undefined ? '' : `, 트랩 값 ${tval}`}.`;
  },
};
/** An interrupt, which comes between instructions. */
export const INTERRUPTED: Told<(trapped: Trapped) => string> = {
  en: ({ pc, mode, cause }) => `${cause} before the instruction at ${pc}, in virtual ${mode}.`,
  ko: ({ pc, mode, cause, manualCause }) =>
    `가상 ${mode} 모드에서 ${pc}의 명령어를 실행하기 직전에 도착한 인터럽트: ${cause}(${manualCause}).`,
};
/** The definition that tells how a trap is entered. */
export const TRAP_ENTRY: Told = { en: 'trap entry', ko: '트랩 진입' };

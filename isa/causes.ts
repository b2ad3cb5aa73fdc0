// Why a trap is taken: exception codes and interrupt numbers, with the names that the privileged manual gives them
// (norm:mcause_exccode_op, norm:mcause_intr_op). The codes of the hypervisor extension are left out until H exists.

import type { Language, Told } from './language.ts';

export const Cause = {
  InstructionAddressMisaligned: 0,
  InstructionAccessFault: 1,
  IllegalInstruction: 2,
  Breakpoint: 3,
  LoadAddressMisaligned: 4,
  LoadAccessFault: 5,
  StoreAddressMisaligned: 6,
  StoreAccessFault: 7,
  EnvironmentCallFromU: 8,
  EnvironmentCallFromS: 9,
  EnvironmentCallFromM: 11,
  InstructionPageFault: 12,
  LoadPageFault: 13,
  StorePageFault: 15,
} as const;
export type Cause = (typeof Cause)[keyof typeof Cause];

/** Interrupt numbers: bit positions in `mip` and `mie`, and exception codes under `mcause.Interrupt`. */
export const Interrupt = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const;
export type Interrupt = (typeof Interrupt)[keyof typeof Interrupt];

/** The bit that `mcause` and `scause` carry for an interrupt. */
export const INTERRUPT_BIT = 1n << 63n;

/** The manual's words, and theirs in the other language, by code. */
const NAMES: Told<{ readonly exception: Names; readonly interrupt: Names }> = {
  en: {
    exception: {
      0: 'instruction address misaligned',
      1: 'instruction access fault',
      2: 'illegal instruction',
      3: 'breakpoint',
      4: 'load address misaligned',
      5: 'load access fault',
      6: 'store/AMO address misaligned',
      7: 'store/AMO access fault',
      8: 'environment call from U-mode',
      9: 'environment call from S-mode',
      11: 'environment call from M-mode',
      12: 'instruction page fault',
      13: 'load page fault',
      15: 'store/AMO page fault',
    },
    interrupt: {
      1: 'supervisor software interrupt',
      3: 'machine software interrupt',
      5: 'supervisor timer interrupt',
      7: 'machine timer interrupt',
      9: 'supervisor external interrupt',
      11: 'machine external interrupt',
    },
  },
  ko: {
    exception: {
      0: '명령어 주소 정렬 오류',
      1: '명령어 접근 폴트',
      2: '잘못된 명령어',
      3: '중단점',
      4: '적재 주소 정렬 오류',
      5: '적재 접근 폴트',
      6: '저장/AMO 주소 정렬 오류',
      7: '저장/AMO 접근 폴트',
      8: 'U 모드 환경 호출',
      9: 'S 모드 환경 호출',
      11: 'M 모드 환경 호출',
      12: '명령어 페이지 폴트',
      13: '적재 페이지 폴트',
      15: '저장/AMO 페이지 폴트',
    },
    interrupt: {
      1: '슈퍼바이저 소프트웨어 인터럽트',
      3: '머신 소프트웨어 인터럽트',
      5: '슈퍼바이저 타이머 인터럽트',
      7: '머신 타이머 인터럽트',
      9: '슈퍼바이저 외부 인터럽트',
      11: '머신 외부 인터럽트',
    },
  },
};
type Names = Readonly<Record<number, string>>;
/** A code without a name. */
const UNNAMED = {
  en: { exception: 'exception', interrupt: 'interrupt' },
  ko: { exception: '예외', interrupt: '인터럽트' },
};

/** What `mcause` or `scause` says, in the manual's words where no other language is asked for. */
export function causeName(cause: bigint, language: Language = 'en'): string {
  const code = Number(cause & 63n);
  const kind = cause & INTERRUPT_BIT ? 'interrupt' : 'exception';
  return NAMES[language][kind][code] ?? `${UNNAMED[language][kind]} ${code}`;
}

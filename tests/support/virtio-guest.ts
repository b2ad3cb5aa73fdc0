// Macros for guests in assembly that drive virtio devices: registers by name, one queue or two of eight descriptors at
// fixed places behind the code, and waiting for answers. They clobber t0 to t3; s0 holds where the device's registers are.

export const VIRTIO_MACROS = `
        .equ    VIRTIO, 0x10001000
        .equ    SLOT, 0x1000
        .equ    DISK, VIRTIO
        .equ    CONSOLE, VIRTIO + 6 * SLOT
        .equ    ENTROPY, VIRTIO + 7 * SLOT
        .equ    STATUS, 0x70
        .equ    NOTIFY, 0x50
        .equ    INTERRUPT_STATUS, 0x60
        .equ    INTERRUPT_ACK, 0x64
        .equ    QUEUES, RAM + 0x40000
        .equ    QUEUE_BYTES, 0x4000
        .equ    DATA, RAM + 0x60000
        .equ    NEXT, 1
        .equ    WRITE, 2

        .macro  put offset, value
        li      t0, \\value
        sw      t0, \\offset(s0)
        .endm

        # From reset to DRIVER_OK with queue 0, and 1 where there is one; with features below 32.
        .macro  drive queues=1, features=0
        put     STATUS, 0
        put     STATUS, 3
        put     0x24, 0
        put     0x20, \\features
        put     0x24, 1
        put     0x20, 1                 # VERSION_1
        put     STATUS, 11
        queue   0
        .if     \\queues > 1
        queue   1
        .endif
        put     STATUS, 15
        .endm

        .macro  queue number
        put     0x30, \\number
        put     0x38, 8
        put     0x80, QUEUES + \\number * QUEUE_BYTES
        put     0x84, 0
        put     0x90, QUEUES + \\number * QUEUE_BYTES + 0x1000
        put     0x94, 0
        put     0xa0, QUEUES + \\number * QUEUE_BYTES + 0x2000
        put     0xa4, 0
        put     0x44, 1
        .endm

        .macro  describe number, index, address, bytes, flags, next=0
        li      t1, QUEUES + \\number * QUEUE_BYTES + \\index * 16
        li      t0, \\address
        sd      t0, 0(t1)
        li      t0, \\bytes
        sw      t0, 8(t1)
        li      t0, (\\flags) | (\\next << 16)
        sw      t0, 12(t1)
        .endm

        # Offers the chain that begins at a descriptor, and tells.
        .macro  submit number, head
        li      t1, QUEUES + \\number * QUEUE_BYTES + 0x1000
        lhu     t0, 2(t1)
        andi    t2, t0, 7
        slli    t2, t2, 1
        add     t2, t2, t1
        li      t3, \\head
        sh      t3, 4(t2)
        addi    t0, t0, 1
        sh      t0, 2(t1)
        put     NOTIFY, \\number
        .endm

        # Until all that was offered has come back; t3 is how much was written to the last of it.
        .macro  settle number
        li      t1, QUEUES + \\number * QUEUE_BYTES + 0x1000
        li      t2, QUEUES + \\number * QUEUE_BYTES + 0x2000
        lhu     t0, 2(t1)
10:     lhu     t3, 2(t2)
        bne     t3, t0, 10b
        addi    t3, t3, -1
        andi    t3, t3, 7
        slli    t3, t3, 3
        add     t3, t3, t2
        lw      t3, 8(t3)
        .endm

        # A request of the disk: header at DATA, status at DATA + 16, data of 512 bytes.
        .macro  describe_request type, sector, address, flags
        li      t1, DATA
        li      t0, \\type
        sd      t0, 0(t1)
        li      t0, \\sector
        sd      t0, 8(t1)
        describe 0, 0, DATA, 16, NEXT, 1
        describe 0, 1, \\address, 512, NEXT | \\flags, 2
        describe 0, 2, DATA + 16, 1, WRITE
        .endm
        .macro  disk_request type, sector, address, flags
        describe_request \\type, \\sector, \\address, \\flags
        submit  0, 0
        .endm
`;

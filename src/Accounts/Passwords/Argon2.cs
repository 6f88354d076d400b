using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kontor.Accounts.Passwords;

/// <summary>Argon2id (RFC 9106) by the reference implementation, which Debian packages as `libargon2-1`.</summary>
internal static unsafe partial class Argon2
{
    private const string Library = "libargon2.so.1";
    private const uint Version13 = 0x13;
    private const int MemoryAllocationError = -22;

    // Of Linux; see mmap(2).
    private const int ReadAndWrite = 0x3;
    private const int PrivateAndAnonymous = 0x22;
    private static readonly byte* MapFailed = (byte*)-1;

    // A thread's own, and mapped by hand: from the heap of the C library, each thread would keep some 40 MB after its first hash.
    [ThreadStatic]
    private static byte* _memory;

    [ThreadStatic]
    private static nuint _memoryBytes;

    /// <param name="MemoryKiB">m</param>
    /// <param name="Passes">t</param>
    /// <param name="Lanes">p, which is also the number of threads.</param>
    public readonly record struct Cost(int MemoryKiB, int Passes, int Lanes);

    /// <summary>`argon2_context` of argon2.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        public byte* Out;
        public uint OutLength;
        public byte* Password;
        public uint PasswordLength;
        public byte* Salt;
        public uint SaltLength;
        public byte* Secret;
        public uint SecretLength;
        public byte* AssociatedData;
        public uint AssociatedDataLength;
        public uint Passes;
        public uint MemoryKiB;
        public uint Lanes;
        public uint Threads;
        public uint Version;
        public nint Allocate;
        public nint Free;
        public uint Flags;
    }

    public static void Hash(
        ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> associatedData,
        Cost cost, Span<byte> tag)
    {
        fixed (byte* tagAt = tag, passwordAt = password, saltAt = salt, secretAt = secret, dataAt = associatedData)
        {
            var context = new Context
            {
                Out = tagAt,
                OutLength = (uint)tag.Length,
                Password = passwordAt,
                PasswordLength = (uint)password.Length,
                Salt = saltAt,
                SaltLength = (uint)salt.Length,
                Secret = secretAt,
                SecretLength = (uint)secret.Length,
                AssociatedData = dataAt,
                AssociatedDataLength = (uint)associatedData.Length,
                Passes = (uint)cost.Passes,
                MemoryKiB = (uint)cost.MemoryKiB,
                Lanes = (uint)cost.Lanes,
                Threads = (uint)cost.Lanes,
                Version = Version13,
                Allocate = (nint)(delegate* unmanaged[Cdecl]<byte**, nuint, int>)&Allocate,
                Free = (nint)(delegate* unmanaged[Cdecl]<byte*, nuint, void>)&KeepForTheNext,
            };
            var error = Run(&context);
            if (error != 0) throw new CryptographicException($"Argon2 answered error {error}.");
        }
    }

    /// <summary>Checks that the library is there and computes RFC 9106's own example, appendix 5.3.</summary>
    /// <exception cref="InvalidOperationException">With a message for the person at the terminal.</exception>
    public static void TestItself()
    {
        Span<byte> password = stackalloc byte[32], salt = stackalloc byte[16], secret = stackalloc byte[8], data = stackalloc byte[12];
        Span<byte> tag = stackalloc byte[32];
        password.Fill(1);
        salt.Fill(2);
        secret.Fill(3);
        data.Fill(4);
        try
        {
            Hash(password, salt, secret, data, new Cost(MemoryKiB: 32, Passes: 3, Lanes: 4), tag);
        }
        catch (DllNotFoundException exception)
        {
            throw new InvalidOperationException(
                $"{Library} is missing, and with it the hashing of passwords: apt-get install libargon2-1", exception);
        }
        finally
        {
            ReleaseMemory();
        }

        if (Convert.ToHexStringLower(tag) != "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
            throw new InvalidOperationException($"{Library} does not compute Argon2id; no password may be hashed with it.");
    }

    /// <summary>Gives back what the calling thread keeps for its next hash.</summary>
    public static void ReleaseMemory()
    {
        if (_memory != null) _ = Unmap(_memory, _memoryBytes);
        _memory = null;
        _memoryBytes = 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Allocate(byte** memory, nuint bytes)
    {
        if (_memoryBytes < bytes)
        {
            ReleaseMemory();
            var mapped = Map(null, bytes, ReadAndWrite, PrivateAndAnonymous, file: -1, offset: 0);
            if (mapped == MapFailed) return MemoryAllocationError;
            _memory = mapped;
            _memoryBytes = bytes;
        }

        *memory = _memory;
        return 0;
    }

    /// <summary>The library has overwritten it with zeros.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void KeepForTheNext(byte* memory, nuint bytes)
    {
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(byte* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(byte* address, nuint length);

    [LibraryImport(Library, EntryPoint = "argon2id_ctx")]
    private static partial int Run(Context* context);
}

namespace Kontor;

/// <summary>
/// One server for each SQLite file: two would not hear of each other's changes. The system gives the lock back when the process ends,
/// however it ends.
/// </summary>
internal sealed class ServerLock : IDisposable
{
    private readonly FileStream _file;

    private ServerLock(FileStream file) => _file = file;

    /// <exception cref="StartException">Another server has the folder.</exception>
    public static ServerLock Take(string dataFolder)
    {
        try
        {
            var path = Path.Combine(dataFolder, "server.lock");
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            throw new StartException($"Another server uses {dataFolder}. End it, or choose another folder with KONTOR_DATA.");
        }
    }

    public void Dispose() => _file.Dispose();
}

namespace Kontor.Foundation;

/// <summary>Where a module may keep files of its own, such as keys. An option, set by the host.</summary>
public sealed class DataFolder
{
    public string Path { get; set; } = "data";
}
